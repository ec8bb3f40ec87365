'use strict'

// Customers, vendors, employees, items and accounts, by node-quickbooks, whose
// updates are always sparse and always say operation=update.

const { ask, assert, check, refused, unique } = require('./bench')

check('a customer is made with what the service adds', async (world) => {
  const made = await world.customer({ PrimaryEmailAddr: { Address: 'zoe@example.com' }, Notes: '', Balance: 0 })
  const expected = ['0', true, false, false, 0, 0, 'Print']
  assert.deepEqual([
    made.SyncToken, made.Active, made.Job, made.BillWithParent, made.Balance, made.BalanceWithJobs,
    made.PreferredDeliveryMethod,
  ], expected)
  assert.deepEqual([made.FullyQualifiedName, made.PrintOnCheckName], [made.DisplayName, made.DisplayName])
  assert.deepEqual(made.CurrencyRef, { value: 'USD', name: 'United States Dollar' })
  assert.equal('Notes' in made || 'GivenName' in made, false)
})

check('a sparse update keeps what it does not name, a full one takes it away', async (world) => {
  const made = await world.customer({ CompanyName: 'Kept', Notes: 'kept' })
  const sparse = await ask(world.qb, 'updateCustomer', { Id: made.Id, SyncToken: '0', GivenName: 'New' })
  assert.deepEqual([sparse.SyncToken, sparse.CompanyName, sparse.Notes], ['1', 'Kept', 'kept'])
  assert.equal(sparse.sparse, false)
  const full = await ask(world.qb, 'updateCustomer', {
    Id: made.Id, SyncToken: '1', sparse: false, DisplayName: made.DisplayName,
  })
  assert.deepEqual([full.SyncToken, full.CompanyName, full.Notes], ['2', undefined, undefined])
})

check('a name that is made inactive is marked and free again', async (world) => {
  const made = await world.customer()
  const gone = await ask(world.qb, 'updateCustomer', { Id: made.Id, SyncToken: '0', Active: false })
  assert.deepEqual([gone.Active, gone.DisplayName], [false, `${made.DisplayName} (deleted)`])
  assert.notEqual((await world.customer({ DisplayName: made.DisplayName })).Id, made.Id)
})

check('a name is taken over customers, vendors and employees, in any case', async (world) => {
  const { DisplayName } = await world.customer()
  const rivals = [
    ['createCustomer', { DisplayName: DisplayName.toUpperCase() }],
    ['createVendor', { DisplayName }],
    ['createEmployee', { DisplayName, GivenName: DisplayName }],
  ]
  for (const [method, body] of rivals) {
    const text = 'The name supplied already exists.'
    await refused('6240', ask(world.qb, method, body), text, 'Duplicate Name Exists Error')
  }
})

check('a vendor, an employee, an item and an account are made, changed and made inactive', async (world) => {
  const kinds = [
    ['Vendor', { DisplayName: unique('Vendor') }, 'DisplayName'],
    ['Employee', { GivenName: 'Erna', FamilyName: unique('Employee') }, 'DisplayName'],
    ['Account', { Name: unique('Account'), AccountType: 'Other Current Liability' }, 'Name'],
    ['Item', { Name: unique('Item'), Type: 'Service', IncomeAccountRef: { value: '79' } }, 'Name'],
  ]
  for (const [kind, body, name] of kinds) {
    const made = await ask(world.qb, `create${kind}`, body)
    assert.deepEqual([made.SyncToken, made.Active], ['0', true], kind)
    const field = kind === 'Account' || kind === 'Item' ? 'Description' : 'PrintOnCheckName'
    const changed = await ask(world.qb, `update${kind}`, { Id: made.Id, SyncToken: '0', [field]: 'Changed' })
    assert.deepEqual([changed.SyncToken, changed[field], changed[name]], ['1', 'Changed', made[name]], kind)
    const gone = await ask(world.qb, `update${kind}`, { Id: made.Id, SyncToken: '1', Active: false })
    assert.deepEqual([gone.Active, gone[name]], [false, `${made[name]} (deleted)`], kind)
    assert.equal((await ask(world.qb, `get${kind}`, made.Id)).Active, false, kind)
  }
})

check('what names may not hold is refused', async (world) => {
  const cases = [
    ['createCustomer', {}, '2020', ''],
    ['createCustomer', { DisplayName: 'x'.repeat(501) }, '2050', 'Supplied length:501'],
    ['createCustomer', { DisplayName: unique('x'), PrimaryEmailAddr: { Address: 'nobody' } }, '2210', ''],
    ['createItem', { IncomeAccountRef: { value: '79' } }, '2020', 'Required parameter Name is missing in the request'],
    ['createItem', { Name: unique('x'), Type: 'Service', IncomeAccountRef: { value: '84' } }, '6430', ''],
    ['createAccount', { Name: unique('x') }, '6010', ''],
  ]
  for (const [method, body, code, detail] of cases) await refused(code, ask(world.qb, method, body), detail)
})
