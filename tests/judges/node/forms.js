'use strict'

// The other forms that move money, by node-quickbooks.

const { ask, assert, check, failure, only, refused, sale } = require('./bench')

/** A sales form of one line. */
function form(customer, amount, fields = {}) {
  return { CustomerRef: { value: customer.Id }, Line: [sale(amount)], ...fields }
}

/** A line of a journal entry. */
function entry(PostingType, account, Amount, customer) {
  const JournalEntryLineDetail = { PostingType, AccountRef: { value: account } }
  if (customer) JournalEntryLineDetail.Entity = { Type: 'Customer', EntityRef: { value: customer.Id } }
  return { Amount, DetailType: 'JournalEntryLineDetail', JournalEntryLineDetail }
}

/** A line of a payment, by kind. */
function part(document, TxnType, Amount) {
  return { Amount, LinkedTxn: [{ TxnId: document.Id, TxnType }] }
}

check('a credit memo is credit, and a payment of nothing applies it', async (world) => {
  const customer = await world.customer()
  const memo = await ask(world.qb, 'createCreditMemo', form(customer, 100))
  assert.deepEqual([memo.TotalAmt, memo.RemainingCredit, memo.Balance, memo.DueDate], [100, 100, 100, undefined])
  assert.equal((await ask(world.qb, 'getCustomer', customer.Id)).Balance, -100)
  const invoice = await world.invoice(customer, 80)
  const Line = [part(invoice, 'Invoice', 80), part(memo, 'CreditMemo', 80)]
  const made = await ask(world.qb, 'createPayment', { CustomerRef: { value: customer.Id }, TotalAmt: 0, Line })
  assert.deepEqual([made.TotalAmt, made.UnappliedAmt, made.DepositToAccountRef], [0, 0, undefined])
  assert.deepEqual(made.Line.map((line) => line.LinkedTxn[0].TxnType), ['Invoice', 'CreditMemo'])
  assert.equal((await ask(world.qb, 'getCreditMemo', memo.Id)).RemainingCredit, 20)
  const paid = await ask(world.qb, 'getInvoice', invoice.Id)
  assert.deepEqual([paid.Balance, paid.LinkedTxn.map((link) => link.TxnId)], [0, [made.Id]])
})

check('a credit memo is deleted', async (world) => {
  const memo = await ask(world.qb, 'createCreditMemo', form(await world.customer(), 10))
  const { CreditMemo: gone } = await ask(world.qb, 'deleteCreditMemo', only(memo))
  assert.deepEqual(gone, { domain: 'QBO', status: 'Deleted', Id: memo.Id })
  await refused('610', ask(world.qb, 'getCreditMemo', memo.Id))
})

check('a journal entry balances, or is refused', async (world) => {
  const made = await ask(world.qb, 'createJournalEntry', { Line: [entry('Debit', '7', 50), entry('Credit', '35', 50)] })
  assert.deepEqual([made.TotalAmt, made.Line.map((line) => line.Id)], [0, ['0', '1']])
  assert.equal(made.DocNumber, undefined)
  const bad = { Line: [entry('Debit', '7', 50), entry('Credit', '35', 49)] }
  const { response } = await failure(ask(world.qb, 'createJournalEntry', bad), '2300 or 6000')
  assert.ok(['2300', '6000'].includes(response.data.Fault.Error[0].code))
  const { JournalEntry: gone } = await ask(world.qb, 'deleteJournalEntry', only(made))
  assert.equal(gone.status, 'Deleted')
})

check('a journal entry\'s credit on receivables pays an invoice', async (world) => {
  const customer = await world.customer()
  const invoice = await world.invoice(customer, 30)
  const Line = [entry('Debit', '7', 30), entry('Credit', '84', 30, customer)]
  const off = await ask(world.qb, 'createJournalEntry', { Line })
  const parts = [part(invoice, 'Invoice', 30), part(off, 'JournalEntry', 30)]
  await ask(world.qb, 'createPayment', { CustomerRef: { value: customer.Id }, TotalAmt: 0, Line: parts })
  assert.equal((await ask(world.qb, 'getInvoice', invoice.Id)).Balance, 0)
  assert.equal((await ask(world.qb, 'getCustomer', customer.Id)).Balance, 0)
})

check('a sales receipt is paid at once, and changed sparsely', async (world) => {
  const customer = await world.customer()
  const made = await ask(world.qb, 'createSalesReceipt', form(customer, 337.5))
  assert.deepEqual([made.TotalAmt, made.Balance, made.DepositToAccountRef.value], [337.5, 0, '4'])
  const after = await ask(world.qb, 'updateSalesReceipt', { ...only(made), PrivateNote: 'A private note.' })
  assert.deepEqual([after.SyncToken, after.PrivateNote, after.TotalAmt], ['1', 'A private note.', 337.5])
  const voided = await ask(world.qb, 'updateSalesReceipt', { ...only(after), void: true })
  assert.deepEqual([voided.SyncToken, voided.TotalAmt], ['2', 0])
  assert.ok(voided.PrivateNote.startsWith('Voided'), voided.PrivateNote)
})

check('a refund names the account it is paid from', async (world) => {
  const customer = await world.customer()
  await refused('2020', ask(world.qb, 'createRefundReceipt', form(customer, 20)))
  const body = form(customer, 20, { DepositToAccountRef: { value: '35' } })
  const made = await ask(world.qb, 'createRefundReceipt', body)
  assert.deepEqual([made.TotalAmt, made.DepositToAccountRef.value], [20, '35'])
  assert.equal((await ask(world.qb, 'deleteRefundReceipt', only(made))).RefundReceipt.status, 'Deleted')
})

check('6540: a deposit freezes its payment, and thaws it when it goes', async (world) => {
  const payment = await world.payment(await world.customer(), 25)
  const LinkedTxn = [{ TxnId: payment.Id, TxnType: 'Payment', TxnLineId: '0' }]
  const deposit = await ask(world.qb, 'createDeposit', {
    DepositToAccountRef: { value: '35' }, Line: [{ Amount: 25, LinkedTxn }],
  })
  assert.equal(deposit.TotalAmt, 25)
  const frozen = await ask(world.qb, 'getPayment', payment.Id)
  assert.deepEqual(frozen.LinkedTxn.map((link) => [link.TxnId, link.TxnType]), [[deposit.Id, 'Deposit']])
  const words = 'This transaction has been deposited. If you want to change or delete it, you must edit the deposit it appears on and remove it first.'
  const calls = [
    ['updatePayment', { ...only(frozen), PrivateNote: 'x' }],
    ['voidPayment', only(frozen)],
    ['deletePayment', only(frozen)],
  ]
  for (const [method, body] of calls) await refused('6540', ask(world.qb, method, body), words)
  assert.equal((await ask(world.qb, 'deleteDeposit', only(deposit))).Deposit.status, 'Deleted')
  const thawed = await ask(world.qb, 'getPayment', payment.Id)
  assert.equal((await ask(world.qb, 'deletePayment', only(thawed))).Payment.status, 'Deleted')
})

check('a batch holds the other forms, and the feed tells them', async (world) => {
  const customer = await world.customer()
  const { time: since } = await ask(world.qb, 'findCompanyInfos', { count: true })
  const items = [
    { bId: '1', operation: 'create', CreditMemo: form(customer, 5) },
    { bId: '2', operation: 'create', SalesReceipt: form(customer, 6) },
    { bId: '3', operation: 'create', RefundReceipt: form(customer, 7, { DepositToAccountRef: { value: '35' } }) },
    { bId: '4', operation: 'create', JournalEntry: { Line: [entry('Debit', '7', 8), entry('Credit', '35', 8)] } },
  ]
  const { BatchItemResponse: answers } = await ask(world.qb, 'batch', items)
  const kinds = ['CreditMemo', 'SalesReceipt', 'RefundReceipt', 'JournalEntry']
  const made = kinds.map((kind, at) => answers.find((answer) => answer.bId === `${at + 1}`)[kind])
  await ask(world.qb, 'deleteCreditMemo', only(made[0]))
  const { CDCResponse: [{ QueryResponse: parts }] } = await ask(world.qb, 'changeDataCapture', kinds, since)
  kinds.forEach((kind, at) => {
    assert.ok(parts[at][kind].some((one) => one.Id === made[at].Id), `${kind} is not in the feed`)
  })
  assert.equal(parts[0].CreditMemo.find((one) => one.Id === made[0].Id).status, 'Deleted')
})
