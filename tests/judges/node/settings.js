'use strict'

// Terms, classes, departments, tax codes and the company's settings, by node-quickbooks.

const { REALM, ask, assert, check, only, refused, unique } = require('./bench')

/** Sets what is named in a section of the preferences; gives them all. */
async function setting(world, section, values) {
  const { Id, SyncToken, [section]: old } = await ask(world.qb, 'getPreferences')
  return ask(world.qb, 'updatePreferences', { Id, SyncToken, [section]: { ...old, ...values } })
}

check('settings that are changed change what the books do', async (world) => {
  const made = async (byHand) => {
    const kept = await setting(world, 'SalesFormsPrefs', { CustomTxnNumbers: byHand })
    assert.equal(kept.SalesFormsPrefs.CustomTxnNumbers, byHand)
    return world.invoice({ Id: '1' }, 5)
  }
  try {
    // The company goes on from the pattern of the last number, whoever chose it.
    const [, stem, digits] = (await made(false)).DocNumber.match(/^(.*?)([0-9]+)$/)
    assert.equal((await world.invoice({ Id: '1' }, 5)).DocNumber, stem + (Number(digits) + 1))
  } finally {
    assert.equal((await made(true)).DocNumber, undefined)
  }
})

check('a term sets the day an invoice is due', async (world) => {
  const term = await ask(world.qb, 'createTerm', { Name: unique('Net 7'), DueDays: 7 })
  const fields = { TxnDate: '2026-01-30', SalesTermRef: { value: term.Id } }
  assert.equal((await world.invoice(await world.customer(), 1, fields)).DueDate, '2026-02-06')
  await refused('6240', ask(world.qb, 'createTerm', { Name: term.Name, DueDays: 9 }))
})

check('a class is made, found, made inactive', async (world) => {
  const made = await ask(world.qb, 'createClass', { Name: unique('Class') })
  assert.deepEqual([made.FullyQualifiedName, made.SyncToken], [made.Name, '0'])
  const found = async () => (await ask(world.qb, 'findClasses', { Id: made.Id })).QueryResponse
  assert.equal((await found()).Class[0].Name, made.Name)
  await ask(world.qb, 'updateClass', { ...only(made), Name: made.Name, Active: false })
  assert.deepEqual(await found(), {})
})

check('a department below another is named with it, and marks an invoice', async (world) => {
  const above = await ask(world.qb, 'createDepartment', { Name: unique('Department') })
  const parent = { SubDepartment: true, ParentRef: { value: above.Id } }
  const below = await ask(world.qb, 'createDepartment', { Name: 'Shop', ...parent })
  assert.deepEqual([below.FullyQualifiedName, below.SubDepartment], [`${above.Name}:Shop`, true])
  const mark = (value) => world.invoice({ Id: '1' }, 1, { DepartmentRef: { value } })
  await setting(world, 'AccountingInfoPrefs', { TrackDepartments: true })
  try {
    assert.equal((await mark(below.Id)).DepartmentRef.value, below.Id)
    await refused('2500', mark('4242'), 'Invalid Reference Id : Depts element id 4242 not found')
  } finally {
    await setting(world, 'AccountingInfoPrefs', { TrackDepartments: false })
  }
  assert.equal((await mark(below.Id)).DepartmentRef, undefined)
})

check('the company tells of itself, alone and in a query', async (world) => {
  const told = await ask(world.qb, 'getCompanyInfo', REALM)
  assert.deepEqual([told.CompanyName, told.Country, told.Id], ["Craig's Design and Landscaping Services", 'US', '1'])
  const { QueryResponse } = await ask(world.qb, 'findCompanyInfos', {})
  assert.deepEqual(QueryResponse.CompanyInfo, [told])
})

check('6240: a tax code is made by the tax service, once', async (world) => {
  const { QueryResponse } = await ask(world.qb, 'findTaxAgencies', {})
  const TaxCode = unique('Tax')
  const TaxRateDetails = [{
    TaxRateName: `${TaxCode} rate`, RateValue: '10', TaxAgencyId: QueryResponse.TaxAgency[0].Id, TaxApplicableOn: 'Sales',
  }]
  const made = await ask(world.qb, 'createTaxService', { TaxCode, TaxRateDetails })
  assert.deepEqual([made.TaxCode, made.TaxRateDetails.length], [TaxCode, 1])
  assert.equal((await ask(world.qb, 'getTaxCode', made.TaxCodeId)).Name, TaxCode)
  await refused('6240', ask(world.qb, 'createTaxService', { TaxCode, TaxRateDetails }))
})

check('tax codes and rates read as the demo company\'s', async (world) => {
  const code = await ask(world.qb, 'getTaxCode', '2')
  assert.equal(code.SalesTaxRateList.TaxRateDetail[0].TaxRateRef.value, '3')
  assert.equal((await ask(world.qb, 'getTaxRate', '3')).RateValue, 8)
})

check('6210: closed books take nothing in and let nothing out', async (world) => {
  const customer = await world.customer()
  const old = await world.invoice(customer, 5, { TxnDate: '2020-01-31' })
  const close = (BookCloseDate) => setting(world, 'AccountingInfoPrefs', { BookCloseDate })
  assert.equal((await close('2020-12-31')).AccountingInfoPrefs.BookCloseDate, '2020-12-31')
  try {
    const words = 'The account period has closed'
    await refused('6210', world.invoice(customer, 5, { TxnDate: '2020-12-31' }), words)
    await refused('6210', ask(world.qb, 'voidInvoice', only(old)), words)
    await refused('6210', ask(world.qb, 'deleteInvoice', only(old)), words)
    await world.invoice(customer, 5, { TxnDate: '2021-01-01' })
  } finally {
    await close('')
  }
  await ask(world.qb, 'deleteInvoice', only(old))
})
