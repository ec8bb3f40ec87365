'use strict'

// What time does to a connection: an hour for access, a day for the value of a
// refresh token, 101 days without use, five years at most.

const { ask, assert, check, failure } = require('./bench')

const DAY = 86400

/** Connects to the sandbox whose clock is turned, and goes back to the other. */
async function onTime(world, run, options = {}) {
  const auth = await world.connected(world.throttled, options)
  try {
    await run(auth)
  } finally {
    world.authClient()
    world.client(world.auth)
  }
}

/** Whether the books open to the access token. */
async function admitted(world, auth) {
  const qb = world.client(auth, world.throttled)
  try {
    return (await ask(qb, 'getCustomer', 1)).Id === '1'
  } catch ({ response }) {
    assert.equal(response.status, 401)
    assert.equal(response.data.fault.error[0].code, '3200')
    return false
  }
}

const ended = (promise) => assert.rejects(promise, (error) => error.error === 'invalid_grant')

check('401: an access token lasts an hour, and a refresh brings another', (world) => onTime(world, async (auth) => {
  await world.later('59m')
  assert.equal(await admitted(world, auth), true)
  await world.later('2m')
  assert.equal(await admitted(world, auth), false)
  await auth.refresh()
  assert.equal(await admitted(world, auth), true)
}))

check('the refresh token changes its value after a day, and the value before dies', (world) => onTime(world, async (auth) => {
  const first = auth.getToken().refresh_token
  await world.later('23h')
  await auth.refresh()
  assert.equal(auth.getToken().refresh_token, first)
  const late = world.client(auth, world.throttled)
  await world.later('2h')
  await auth.refresh()
  const second = auth.getToken().refresh_token
  assert.notEqual(second, first)
  const { response } = await failure(ask(late, 'refreshAccessToken'))
  assert.deepEqual([response.status, response.data.error], [400, 'invalid_grant'])
  assert.equal(response.data.error_description, 'Incorrect or invalid refresh token')
  const qb = world.client(auth, world.throttled)
  await ask(qb, 'refreshAccessToken')
  assert.equal(qb.refreshToken, second)
  await world.later('25h')
  await ask(qb, 'refreshAccessToken')
  assert.notEqual(qb.refreshToken, second)
  assert.equal((await ask(qb, 'getCustomer', 1)).Id, '1')
}))

check('a refresh token lasts 101 days from its last use', (world) => onTime(world, async (auth) => {
  for (let turn = 0; turn < 2; turn += 1) {
    await world.later('2400h')
    assert.equal((await auth.refresh()).json.x_refresh_token_expires_in, 101 * DAY)
  }
  await world.later('2425h')
  await ended(auth.refresh())
}))

check('a connection ends after five years, however often it is refreshed', (world) => onTime(world, async (auth) => {
  const left = async () => (await auth.refresh()).json.x_refresh_token_hard_expires_in
  const told = await left()
  for (let turn = 0; turn < 17; turn += 1) {
    await world.later('2400h')
    await auth.refresh()
  }
  await world.later('2400h')
  const rest = await left()
  assert.ok(Math.abs(told - rest - 1800 * DAY) < 60, `${told} - ${rest} seconds are not 1,800 days`)
  await world.later(`${rest + 60}s`)
  await ended(auth.refresh())
  assert.equal(await admitted(world, auth), false)
}, { includeRefreshTokenHardExpiresIn: true }))
