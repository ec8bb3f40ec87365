'use strict'

// Batches, with queries in them, and the change feed, whose address
// node-quickbooks does not encode.

const { ask, assert, bill, check, only, refused, unique } = require('./bench')

check('a batch answers each item by its bId, good or bad, queries too', async (world) => {
  const customer = await world.customer()
  const [kept, gone] = [await world.invoice(customer, 5), await world.invoice(customer, 6)]
  const { BatchItemResponse: answers } = await ask(world.qb, 'batch', [
    { bId: 'bid1', operation: 'create', Vendor: { DisplayName: unique('Vendor') } },
    { bId: 'bid2', operation: 'delete', Invoice: { Id: '424242', SyncToken: '0' } },
    { bId: 'bid3', operation: 'update', Invoice: { ...only(kept), SyncToken: '7', sparse: true, PrivateNote: 'x' } },
    { bId: 'bid4', Query: `select * from Invoice where CustomerRef = '${customer.Id}' orderby Id` },
    { bId: 'bid5', operation: 'delete', Invoice: only(gone) },
    { bId: 'bid6', operation: 'update', Invoice: { ...only(kept), sparse: true, PrivateNote: 'noted' } },
  ])
  const by = Object.fromEntries(answers.map((answer) => [answer.bId, answer]))
  assert.equal(by.bid1.Vendor.SyncToken, '0')
  assert.deepEqual(['bid2', 'bid3'].map((id) => by[id].Fault.Error[0].code), ['610', '5010'])
  assert.equal(by.bid3.Fault.type, 'ValidationFault')
  assert.deepEqual(by.bid4.QueryResponse.Invoice.map((one) => one.Id), [kept.Id, gone.Id])
  assert.equal(by.bid5.Invoice.status, 'Deleted')
  assert.deepEqual([by.bid6.Invoice.PrivateNote, by.bid6.Invoice.SyncToken], ['noted', '1'])
})

check('a batch holds thirty items and not one more', async (world) => {
  const items = (count) => Array.from({ length: count }, (_, at) => ({
    bId: `${at}`, operation: 'create', Customer: { DisplayName: unique('Many') },
  }))
  const { BatchItemResponse: answers } = await ask(world.qb, 'batch', items(30))
  assert.equal(answers.filter((answer) => answer.Customer).length, 30)
  await refused('1040', ask(world.qb, 'batch', items(31)))
})

check('a batch with a request id keeps its bIds short, and is done once', async (world) => {
  const batch = (bId, name) => world.raw('post', `batch?requestid=${unique('once').replaceAll(' ', '-')}`, {
    BatchItemRequest: [{ bId, operation: 'create', Customer: { DisplayName: name } }],
  })
  await refused('2050', batch('x'.repeat(11), unique('Long')))
  const { data } = await batch('x'.repeat(10), unique('Short'))
  assert.equal(data.BatchItemResponse[0].Customer.SyncToken, '0')
  const again = () => world.raw('post', 'batch?requestid=node-batch-once', {
    BatchItemRequest: [{ bId: '1', operation: 'create', Customer: { DisplayName: 'Once of node' } }],
  })
  const [first, second] = [(await again()).data, (await again()).data]
  assert.equal(second.BatchItemResponse[0].Customer.Id, first.BatchItemResponse[0].Customer.Id)
})

check('the feed tells what was made, changed, voided, deleted and made inactive', async (world) => {
  const [customer, leaver] = [await world.customer(), await world.customer()]
  const since = await world.now()
  const made = []
  for (const amount of [1, 2, 3, 4]) made.push(await ask(world.qb, 'createInvoice', bill(customer, amount)))
  const [fresh, changed, voided, gone] = made
  await ask(world.qb, 'updateInvoice', { ...only(changed), PrivateNote: 'changed' })
  await ask(world.qb, 'voidInvoice', only(voided))
  await ask(world.qb, 'deleteInvoice', only(gone))
  await ask(world.qb, 'updateCustomer', { ...only(leaver), Active: false })
  const kinds = ['Bill', 'Invoice', 'Customer', 'Estimate']
  const { CDCResponse: [{ QueryResponse: parts }] } = await ask(world.qb, 'changeDataCapture', kinds, since)
  assert.deepEqual([parts.length, parts[0], parts[3]], [4, {}, {}])
  const by = (list) => Object.fromEntries(list.map((one) => [one.Id, one]))
  const invoices = by(parts[1].Invoice)
  assert.deepEqual([invoices[fresh.Id].TotalAmt, invoices[fresh.Id].SyncToken], [1, '0'])
  assert.deepEqual([invoices[changed.Id].PrivateNote, invoices[changed.Id].SyncToken], ['changed', '1'])
  assert.deepEqual([invoices[voided.Id].TotalAmt, invoices[voided.Id].PrivateNote], [0, 'Voided'])
  assert.ok(gone.Id in invoices, 'the deleted invoice is not in the feed')
  const { MetaData, ...trace } = invoices[gone.Id]
  assert.deepEqual(trace, { domain: 'QBO', status: 'Deleted', Id: gone.Id })
  assert.ok(MetaData.LastUpdatedTime)
  assert.deepEqual([parts[1].startPosition, parts[1].maxResults], [1, parts[1].Invoice.length])
  assert.equal(parts[1].totalCount, parts[1].Invoice.length)
  const customers = by(parts[2].Customer)
  assert.deepEqual([customers[leaver.Id].Active, customers[customer.Id].SyncToken], [false, '0'])
})

check('the feed takes a Date as well as a text', async (world) => {
  const made = await world.invoice(await world.customer(), 1)
  const since = new Date(Date.now() - 60_000)
  const { CDCResponse: [{ QueryResponse: [part] }] } = await ask(world.qb, 'changeDataCapture', 'invoice', since)
  assert.ok(part.Invoice.some((one) => one.Id === made.Id))
})
