'use strict'

// What an app cannot know or prevent: connections that are cut, servers that
// fail, and a company whose subscription has ended.

const { REALM, ask, assert, bill, check, failure, only, refused } = require('./bench')

const INVOICES = { method: 'POST', path: `/v3/company/${REALM}/invoice` }

/** Demands that a call ends without an answer. */
async function unknown(promise) {
  let answer
  try {
    answer = await promise
  } catch (error) {
    assert.equal(error.response, undefined, `it was answered: ${error.response?.status}`)
    assert.ok(error.code, `${error}`)
    return
  }
  assert.fail(`it was answered: ${JSON.stringify(answer)}`)
}

/** The ids of a customer's invoices. */
async function invoicesOf(world, customer) {
  const { QueryResponse } = await ask(world.qb, 'findInvoices', { CustomerRef: customer.Id })
  return (QueryResponse.Invoice ?? []).map(({ Id }) => Id)
}

check('a create that was cut after its effect is repeated under its requestid: one invoice', async (world) => {
  const customer = await world.customer()
  const send = () => ask(world.qb, 'createInvoice', { ...bill(customer, 12), requestId: 'node-cut-after' })
  await world.trouble('cut', INVOICES, () => unknown(send()))
  const there = await invoicesOf(world, customer)
  assert.equal(there.length, 1)
  const made = await send()
  assert.deepEqual([[made.Id], made.SyncToken], [there, '0'])
  assert.deepEqual(await invoicesOf(world, customer), there)
  assert.equal((await ask(world.qb, 'getCustomer', customer.Id)).Balance, 12)
})

check('a create that was cut before its effect is repeated under its requestid: one invoice', async (world) => {
  const customer = await world.customer()
  const send = () => ask(world.qb, 'createInvoice', { ...bill(customer, 12), requestId: 'node-cut-before' })
  await world.trouble('refuse', INVOICES, () => unknown(send()))
  assert.deepEqual(await invoicesOf(world, customer), [])
  const made = await send()
  assert.deepEqual(await invoicesOf(world, customer), [made.Id])
})

check('an update that was cut cannot be sent twice: its token is spent', async (world) => {
  const made = await world.invoice(await world.customer(), 5)
  const send = () => ask(world.qb, 'updateInvoice', { ...only(made), PrivateNote: 'cut' })
  await world.trouble('cut', INVOICES, () => unknown(send()))
  await refused('5010', send(), '', 'Stale Object Error')
  const seen = await ask(world.qb, 'getInvoice', made.Id)
  assert.deepEqual([seen.PrivateNote, seen.SyncToken], ['cut', '1'])
})

check('a server\'s 500 and 503, and a proxy\'s page, are no answers of the books', async (world) => {
  for (const [what, status] of [
    [{ status: { code: 500 } }, 500],
    [{ status: { code: 503 } }, 503],
    [{ html: { code: 502 } }, 502],
  ]) {
    const error = await world.trouble(what, { method: 'GET' }, () => failure(ask(world.qb, 'getCustomer', 1), status))
    assert.equal(error.response.status, status)
    assert.equal(error.response.data?.Customer, undefined)
  }
  assert.equal((await ask(world.qb, 'getCustomer', 1)).Id, '1')
})

check('6190: a company whose subscription has ended writes nothing', async (world) => {
  const customer = await world.customer()
  const send = () => refused('6190', world.invoice(customer, 7), '', 'Invalid Company Status')
  await world.trouble({ fault: { code: 6190 } }, INVOICES, send)
  assert.deepEqual(await invoicesOf(world, customer), [])
})

check('429: the wait that is told is told in a header', async (world) => {
  const call = () => failure(ask(world.qb, 'getCustomer', 1), '3001')
  const { response } = await world.trouble({ 'too-many': { retry_after: 7 } }, { method: 'GET' }, call)
  assert.deepEqual([response.status, response.headers['retry-after']], [429, '7'])
  assert.equal(response.data.Fault.Error[0].code, '3001')
})
