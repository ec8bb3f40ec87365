'use strict'

// Refusals as the libraries hand them on, and the shapes that are not the
// common one. Those of one thing only are judged beside it:
//
//     here        500, 610, 2010, 2020, 2030, 2050, 2500, 5010, 401, 403, 429
//     lists       2030, 4000 and 4001 of queries
//     names       2020, 2050, 2210, 6010, 6240, 6430
//     money       6000, 6070, 6140
//     forms       2020, 2300, 6000, 6540
//     settings    2500, 6210, 6240
//     feed        1040, 2050, 5010 and 610 within a batch
//     trouble     5010, 6190, 500, 502, 503, 429 with the wait
//     connection  invalid_grant and invalid_client
//     clock       401 after an hour, invalid_grant after a day, 101 days, 5 years

const { REALM, ask, assert, bill, check, failure, only, refused, sale } = require('./bench')

check('2010: a property the class does not have', async (world) => {
  const words = 'Property Name:Unrecognized field "BadJson" (class com.intuit.schema.finance.v3.Invoice), not marked as ignorable ('
  const promise = world.invoice(await world.customer(), 1, { BadJson: true })
  await refused('2010', promise, words, 'Request has invalid or unsupported property')
})

check('2020: an invoice without lines, named with its element', async (world) => {
  const body = { CustomerRef: { value: '1' } }
  const fault = await refused('2020', ask(world.qb, 'createInvoice', body), 'Required parameter Line is missing in the request')
  assert.equal(fault.element, 'Line')
  assert.equal(fault.Message, 'Required param missing, need to supply the required value for the API')
  await refused('2020', ask(world.qb, 'createInvoice', { Line: [sale(1)] }))
})

check('2030: an id that is no number, answered without a time', async (world) => {
  const error = await failure(ask(world.qb, 'getCustomer', '1.5'), '2030')
  const Error = [{
    Message: 'Invalid ID', Detail: 'Id should be a valid number. Supplied value:1.5', code: '2030', element: 'Id',
  }]
  assert.deepEqual(error.response.data, { Fault: { Error, type: 'ValidationFault' } })
})

check('2050: a memo that is too long', async (world) => {
  const body = { ...bill({ Id: '1' }, 1), CustomerMemo: { value: 'x'.repeat(1001) } }
  await refused('2050', ask(world.qb, 'createInvoice', body), 'Min:0 Max:1,000 supported. Supplied length:1,001')
})

check('2500: references to what is not there', async (world) => {
  const items = { ...bill({ Id: '1' }, 1), Line: [sale(1, { ItemRef: { value: '4242' } })] }
  const words = 'Invalid Reference Id : Items element id 4242 not found'
  await refused('2500', ask(world.qb, 'createInvoice', items), words)
  const accounts = { ...bill({ Id: '1' }, 1), DepositToAccountRef: { value: '4242' } }
  await refused('2500', ask(world.qb, 'createInvoice', accounts), 'Accounts element id 4242 not found')
})

check('500: a path that is none', async (world) => {
  const fault = await refused('500', world.raw('get', 'customer/1/5'), 'is not supported.', 'Unsupported Operation')
  const start = `Operation Could not find resource for relative : /v3/company/${REALM}/customer/1/5 of full path: `
  assert.ok(fault.Detail.startsWith(start), fault.Detail)
})

check('610: what was never there', async (world) => {
  const text = "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees."
  for (const method of ['getCustomer', 'getInvoice', 'getPayment']) {
    const fault = await refused('610', ask(world.qb, method, '424242'))
    assert.deepEqual([fault.Message, fault.Detail, fault.element], ['Object Not Found', text, ''])
  }
})

check('5010: a token that is not the last, for update, void and delete', async (world) => {
  const made = await world.invoice(await world.customer(), 10)
  await ask(world.qb, 'updateInvoice', { ...only(made), PrivateNote: 'first' })
  const calls = [
    ['updateInvoice', { ...only(made), PrivateNote: 'second' }],
    ['voidInvoice', only(made)],
    ['deleteInvoice', only(made)],
  ]
  for (const [method, body] of calls) {
    const fault = await refused('5010', ask(world.qb, method, body), '', 'Stale Object Error')
    assert.match(fault.Detail, /^Stale Object Error : You and .+ were working on this at the same time\. .+ finished before you did, so your work was not saved\.$/)
    assert.equal(fault.element, '')
  }
  const seen = await ask(world.qb, 'getInvoice', made.Id)
  assert.deepEqual([seen.PrivateNote, seen.SyncToken, seen.TotalAmt], ['first', '1', 10])
})

check('401: a token that is none, in the gateway\'s own shape', async (world) => {
  const stranger = world.client(world.auth)
  stranger.token = 'nonsense'
  const { response } = await failure(ask(stranger, 'getCustomer', 1), '3200')
  assert.equal(response.status, 401)
  const { data } = response
  assert.equal(data.Fault, undefined)
  assert.equal(data.fault.type, 'AUTHENTICATION')
  const [fault] = data.fault.error
  assert.deepEqual([fault.code, fault.element], ['3200', null])
  assert.equal(fault.message, 'message=AuthenticationFailed; errorCode=003200; statusCode=401')
  assert.equal(typeof data.time, 'number')
  assert.deepEqual([data.batchItemResponse, data.cdcresponse, data.queryResponse], [[], [], null])
  assert.equal(response.headers['www-authenticate'], 'Bearer realm="Intuit", error="invalid_token"')
})

check('403: another company, in the gateway\'s own shape', async (world) => {
  const elsewhere = world.client(world.auth)
  elsewhere.realmId = '1'
  const { response } = await failure(ask(elsewhere, 'getCustomer', 1), '3100')
  assert.deepEqual([response.status, response.data.fault.error[0].code], [403, '3100'])
  assert.equal(response.data.fault.type, 'AUTHORIZATION')
})

check('429: more than ten calls within a second', async (world) => {
  const busy = world.client(await world.connected(world.throttled), world.throttled)
  const calls = Array.from({ length: 30 }, () => ask(busy, 'getCustomer', 1))
  const refusals = (await Promise.allSettled(calls)).filter((call) => call.status === 'rejected')
  world.authClient()
  world.client(world.auth)
  assert.ok(refusals.length >= 1 && refusals.length <= 20, `${refusals.length} of 30 calls at once were turned away`)
  for (const { reason: { response } } of refusals) {
    assert.equal(response.status, 429)
    const { Fault: { type, Error: [fault] } } = response.data
    assert.deepEqual([type, fault.code], ['SERVICE', '3001'])
    assert.equal(fault.Message, 'message=ThrottleExceeded; errorCode=003001; statusCode=429')
  }
})
