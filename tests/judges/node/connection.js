'use strict'

// Connecting, refreshing and ending a connection, by intuit-oauth and by
// node-quickbooks, which revokes by a form.

const { CALLBACK, REALM, ask, assert, check, failure } = require('./bench')

/** Demands a refusal in the words of OAuth. */
async function rejected(error, promise) {
  let answer
  try {
    answer = await promise
  } catch (refusal) {
    assert.equal(refusal.error, error)
    return refusal
  }
  return assert.fail(`it was not refused with ${error} but answered ${JSON.stringify(answer.json)}`)
}

check('consent comes back with a code, the state and the company', async (world) => {
  const back = new URL(await world.consent(world.authClient(), 'x y&z=1'))
  assert.equal(back.searchParams.get('state'), 'x y&z=1')
  assert.equal(back.searchParams.get('realmId'), REALM)
  assert.ok(back.searchParams.get('code'))
})

check('a code is exchanged once, and only with its own redirect address', async (world) => {
  const auth = world.authClient()
  const strange = world.authClient(world.url, { redirectUri: `${CALLBACK}/elsewhere` })
  await rejected('invalid_grant', strange.createToken(await world.consent(auth)))
  const back = await world.consent(auth)
  const token = (await auth.createToken(back)).json
  assert.equal(token.token_type, 'bearer')
  assert.deepEqual([token.expires_in, token.x_refresh_token_expires_in], [3600, 8726400])
  assert.equal(token.x_refresh_token_hard_expires_in, undefined)
  await rejected('invalid_grant', auth.createToken(back))
})

check('the hard end of a connection is told to those who ask', async (world) => {
  const auth = await world.connected(world.url, { includeRefreshTokenHardExpiresIn: true })
  const left = (await auth.refresh()).json.x_refresh_token_hard_expires_in
  assert.ok(left > 4 * 365 * 86400 && left <= 5 * 366 * 86400, `${left} seconds are not five years`)
})

check('a refresh within the day keeps the value of the refresh token', async (world) => {
  const auth = await world.connected()
  const before = { ...auth.getToken() }
  await auth.refresh()
  assert.equal(auth.getToken().refresh_token, before.refresh_token)
  assert.notEqual(auth.getToken().access_token, before.access_token)
  const qb = world.client(auth)
  await ask(qb, 'refreshAccessToken')
  assert.equal(qb.refreshToken, before.refresh_token)
  assert.equal((await ask(qb, 'getCustomer', 1)).Id, '1')
})

check('a refresh token that is none, and a wrong secret, are refused as OAuth does', async (world) => {
  const auth = await world.connected()
  auth.getToken().refresh_token = 'nonsense'
  await rejected('invalid_grant', auth.refresh())
  const wrong = await world.connected()
  wrong.clientSecret = 'wrong'
  await rejected('invalid_client', wrong.refresh())
})

check('revoking ends both tokens, by JSON and by form', async (world) => {
  const byJson = await world.connected()
  const first = world.client(byJson)
  const spent = { ...byJson.getToken() }
  await byJson.revoke({ refresh_token: spent.refresh_token })
  assert.equal((await failure(ask(first, 'getCustomer', 1))).response.status, 401)

  for (const useRefresh of [true, false]) {
    const second = world.client(await world.connected())
    const third = Object.assign(Object.create(Object.getPrototypeOf(second)), second)
    await ask(second, 'revokeAccess', useRefresh)
    assert.equal(second.token, null)
    assert.equal((await failure(ask(third, 'getCustomer', 1))).response.status, 401)
    const refusal = await failure(ask(third, 'refreshAccessToken'))
    assert.deepEqual([refusal.response.status, refusal.response.data.error], [400, 'invalid_grant'])
  }
})

check('userinfo tells who consented', async (world) => {
  const told = (await world.auth.getUserInfo()).json
  assert.ok(told.sub && told.email.includes('@'))
  assert.equal(typeof told.emailVerified, 'boolean')
})

check('an API call by intuit-oauth answers, and its error carries the fault', async (world) => {
  const call = (id) => world.auth.makeApiCall({ url: `v3/company/${REALM}/customer/${id}?minorversion=75` })
  const answer = await call(1)
  assert.equal(answer.json.Customer.DisplayName, "Amy's Bird Sanctuary")
  assert.ok(answer.headers.intuit_tid || answer.headers['intuit-tid'])
  await assert.rejects(call(424242), (error) => {
    assert.deepEqual([error.code, error.faultType, error.fault.errors.length], ['610', 'ValidationFault', 1])
    assert.ok(error.intuitTid)
    return true
  })
})

check('answers and refusals carry the vendor\'s headers', async (world) => {
  const { headers } = await world.raw('get', 'customer/1')
  assert.equal(headers['content-type'], 'application/json;charset=utf-8')
  assert.ok(headers['qbo-version'] && headers['service-time'])
  const { response } = await failure(world.raw('get', 'customer/424242'), '610')
  assert.equal(response.headers['content-type'], 'application/json')
  const ids = [headers, response.headers].map((all) => all.intuit_tid || all['intuit-tid'])
  ids.forEach((id) => assert.match(id, /^1-[0-9a-f]{8}-[0-9a-f]{24}$/))
  assert.notEqual(ids[0], ids[1])
})

check('any minor version is taken', async (world) => {
  for (const minorversion of [4, 47, 75, 99]) {
    const qb = Object.assign(world.client(world.auth), { minorversion })
    assert.equal((await ask(qb, 'getCustomer', 1)).Id, '1', `${minorversion}`)
  }
})
