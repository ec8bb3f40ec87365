'use strict'

// Invoices and payments, by node-quickbooks.

const { ask, assert, bill, check, failure, only, refused, sale, unique } = require('./bench')

check('an invoice comes back with what the service adds', async (world) => {
  const customer = await world.customer()
  const made = await world.invoice(customer, 100)
  assert.deepEqual([made.TotalAmt, made.Balance, made.SyncToken, made.LinkedTxn], [100, 100, '0', []])
  assert.deepEqual(made.Line.map((line) => line.DetailType), ['SalesItemLineDetail', 'SubTotalLineDetail'])
  assert.deepEqual([made.Line[0].Id, made.Line[1].Id], ['1', undefined])
  assert.deepEqual(made.CustomerRef, { value: customer.Id, name: customer.DisplayName })
  assert.equal(made.TxnTaxDetail.TotalTax, 0)
  assert.ok(made.DueDate > made.TxnDate)
  const after = await ask(world.qb, 'getCustomer', customer.Id)
  assert.deepEqual([after.Balance, after.SyncToken], [100, '0'])
})

check('amounts are printed with two decimals and prices trimmed', async (world) => {
  const line = sale('37.50', { Qty: '0.50', UnitPrice: '75.00' })
  const made = await world.invoice(await world.customer(), 0, { Line: [line] })
  const text = await world.text(`invoice/${made.Id}`)
  for (const part of ['"TotalAmt":37.50', '"Balance":37.50', '"UnitPrice":75,', '"Qty":0.5,', '"TotalTax":0']) {
    assert.ok(text.replaceAll('}', ',').includes(part), `${part} is not in ${text}`)
  }
})

check('a sparse update with lines replaces them all and keeps the rest', async (world) => {
  const made = await world.invoice(await world.customer(), 0, {
    Line: [sale(10), sale(20)], DocNumber: unique('N').slice(0, 21), CustomerMemo: { value: 'Thank you' },
  })
  const after = await ask(world.qb, 'updateInvoice', { ...only(made), Line: [sale(25)] })
  assert.deepEqual([after.TotalAmt, after.Balance, after.Line.length], [25, 25, 2])
  assert.deepEqual([after.DocNumber, after.CustomerMemo.value], [made.DocNumber, 'Thank you'])
})

check('a payment pays invoices, and both tell of each other', async (world) => {
  const customer = await world.customer()
  const [first, second] = [await world.invoice(customer, 60), await world.invoice(customer, 60)]
  const made = await world.payment(customer, 100, [[first, 60], [second, 30]])
  assert.deepEqual([made.UnappliedAmt, made.Line.map((line) => line.Amount)], [10, [60, 30]])
  assert.equal(made.DepositToAccountRef.value, '4')
  const extra = Object.fromEntries(made.Line[1].LineEx.any.map(({ value }) => [value.Name, value.Value]))
  assert.deepEqual([extra.txnId, Number(extra.txnOpenBalance)], [second.Id, 60])
  const paid = await ask(world.qb, 'getInvoice', first.Id)
  assert.deepEqual([paid.Balance, paid.LinkedTxn.map((link) => link.TxnId)], [0, [made.Id]])
  assert.notEqual(paid.SyncToken, '0')
  assert.equal((await ask(world.qb, 'getCustomer', customer.Id)).Balance, 20)
})

check('voids leave nothing owed and nothing applied', async (world) => {
  const customer = await world.customer()
  const invoice = await world.invoice(customer, 40, { DocNumber: unique('V').slice(0, 21) })
  const payment = await world.payment(customer, 40, [[invoice, 40]])
  const voided = await ask(world.qb, 'voidPayment', only(payment))
  assert.deepEqual([voided.TotalAmt, voided.UnappliedAmt, voided.Line], [0, 0, []])
  assert.deepEqual([voided.PrivateNote, voided.SyncToken], ['Voided', '1'])
  const open = await ask(world.qb, 'getInvoice', invoice.Id)
  assert.deepEqual([open.Balance, open.LinkedTxn], [40, []])
  const { Invoice: gone } = await ask(world.qb, 'voidInvoice', only(open))
  assert.deepEqual([gone.TotalAmt, gone.Balance, gone.PrivateNote], [0, 0, 'Voided'])
  assert.deepEqual([gone.DocNumber, gone.Line.map((line) => line.Amount)], [invoice.DocNumber, [0, 0]])
  assert.equal((await ask(world.qb, 'getCustomer', customer.Id)).Balance, 0)
})

check('what is deleted is gone', async (world) => {
  const customer = await world.customer()
  const invoice = await world.invoice(customer, 5)
  const { Invoice: answer } = await ask(world.qb, 'deleteInvoice', only(invoice))
  assert.deepEqual(answer, { domain: 'QBO', status: 'Deleted', Id: invoice.Id })
  await refused('610', ask(world.qb, 'getInvoice', invoice.Id), 'Object Not Found : ')
  await refused('610', ask(world.qb, 'deleteInvoice', only(invoice)))
})

check('a payment is not deleted by an echo of itself with its LineEx', async (world) => {
  const customer = await world.customer()
  const payment = await world.payment(customer, 5, [[await world.invoice(customer, 5), 5]])
  assert.equal((await failure(ask(world.qb, 'deletePayment', payment.Id))).response.status, 400)
  const { Payment: answer } = await ask(world.qb, 'deletePayment', only(payment))
  assert.equal(answer.status, 'Deleted')
})

check('a request id that comes again changes nothing and answers the same', async (world) => {
  const customer = await world.customer()
  const send = () => ask(world.qb, 'createInvoice', { ...bill(customer, 9), requestId: 'node-once' })
  assert.equal((await send()).Id, (await send()).Id)
  const list = await ask(world.qb, 'findInvoices', { CustomerRef: customer.Id, count: true })
  assert.equal(list.QueryResponse.totalCount, 1)
})

check('a used number is refused unless duplicates are allowed', async (world) => {
  const customer = await world.customer()
  const DocNumber = unique('D').slice(0, 21)
  const first = await world.invoice(customer, 1, { DocNumber })
  const text = 'You must specify a different number. This number has already been used.'
  const fault = await refused('6140', world.invoice(customer, 2, { DocNumber }), text)
  assert.ok(fault.Detail.includes(`TxnId=${first.Id}`), fault.Detail)
  assert.equal((await world.invoice(customer, 2, { DocNumber, allowDuplicateDocNum: true })).DocNumber, DocNumber)
})

check('money that does not add up is refused', async (world) => {
  const customer = await world.customer()
  const invoice = await world.invoice(customer, 10)
  await refused('6000', world.payment(customer, 20, [[invoice, 11]]))
  await refused('6000', ask(world.qb, 'createPayment', { CustomerRef: { value: customer.Id } }))
  const line = sale(100, { Qty: 3, UnitPrice: 33.33 })
  await refused('6070', world.invoice(customer, 0, { Line: [line] }), 'Amount is not equal to UnitPrice * Qty')
  assert.equal((await ask(world.qb, 'getInvoice', invoice.Id)).Balance, 10)
})
