'use strict'

// Reading and the query language, by node-quickbooks: GET, keywords in lower
// case, format=json and a Request-Id on every call.

const { REALM, ask, assert, bill, check, refused, unique } = require('./bench')

const ids = (list = []) => list.map((one) => one.Id)

async function find(world, plural, criteria) {
  return (await ask(world.qb, `find${plural}`, criteria)).QueryResponse
}

check('a customer, the company and its preferences read', async (world) => {
  const one = await ask(world.qb, 'getCustomer', 1)
  assert.deepEqual([one.Id, one.SyncToken, one.domain, one.sparse], ['1', '0', 'QBO', false])
  assert.equal(typeof one.Balance, 'number')
  assert.match(one.MetaData.LastUpdatedTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[78]:00$/)
  assert.equal((await ask(world.qb, 'getCompanyInfo', REALM)).Country, 'US')
  assert.equal((await ask(world.qb, 'getPreferences')).CurrencyPrefs.HomeCurrency.value, 'USD')
})

check('a quote in a name is found, escaped as the library escapes it', async (world) => {
  const one = await find(world, 'Customers', { DisplayName: "Amy's Bird Sanctuary" })
  assert.deepEqual(ids(one.Customer), ['1'])
  const two = await find(world, 'Customers', { DisplayName: ["Amy's Bird Sanctuary", 'Cool Cars'] })
  assert.deepEqual(ids(two.Customer).sort(), ['1', '3'])
  const like = await find(world, 'Vendors', [{ field: 'DisplayName', value: "%'s Burger%", operator: 'LIKE' }])
  assert.deepEqual(ids(like.Vendor), ['56'])
})

check('names without an order come by alphabet, jobs after their parents', async (world) => {
  const customers = await find(world, 'Customers', { Id: ['10', '9', '8', '7', '1'] })
  assert.deepEqual(ids(customers.Customer), ['1', '7', '8', '9', '10'])
  const vendors = await find(world, 'Vendors', { Id: ['47', '48', '50', '56'] })
  assert.deepEqual(ids(vendors.Vendor), ['56', '48', '47', '50'])
})

check('transactions without an order come last changed first', async (world) => {
  const customer = await world.customer()
  const made = []
  for (const amount of [1, 2, 3]) made.push(await world.invoice(customer, amount))
  await ask(world.qb, 'updateInvoice', { Id: made[1].Id, SyncToken: '0', PrivateNote: 'touched' })
  const found = await find(world, 'Invoices', { CustomerRef: customer.Id })
  assert.deepEqual(ids(found.Invoice), [made[1].Id, made[2].Id, made[0].Id])
})

check('counts, and inactive names only for those who ask', async (world) => {
  const count = async (criteria) => (await find(world, 'Employees', { ...criteria, count: true })).totalCount
  assert.equal(await count({}), 1)
  assert.equal(await count({ Active: [true, false] }), 2)
  const gone = await find(world, 'Employees', { Active: false })
  assert.deepEqual(gone.Employee.map((one) => one.DisplayName), ['Emily Platt (deleted)'])
})

check('criteria compare, order and page', async (world) => {
  const rich = await find(world, 'Customers', [{ field: 'Balance', value: '300', operator: '>' }])
  assert.ok(ids(rich.Customer).includes('10') && !ids(rich.Customer).includes('2'))
  const down = await find(world, 'Accounts', { AccountType: 'Bank', desc: 'Name' })
  const names = down.Account.map((one) => one.Name)
  assert.deepEqual(names, [...names].sort().reverse())
  const page = await find(world, 'Vendors', { asc: 'Id', limit: 5, offset: 6 })
  assert.deepEqual([page.startPosition, page.maxResults, page.Vendor.length], [6, 5, 5])
  assert.equal(page.totalCount, undefined)
  assert.deepEqual(await find(world, 'Customers', { Id: '424242' }), {})
})

check('fetchAll meets every row once', async (world) => {
  const customer = await world.customer()
  const items = Array.from({ length: 25 }, (_, at) => ({
    bId: `${at}`, operation: 'create', Invoice: bill(customer, at + 1),
  }))
  await ask(world.qb, 'batch', items)
  const all = await find(world, 'Invoices', { CustomerRef: customer.Id, asc: 'Id', fetchAll: true, limit: 10 })
  assert.equal(new Set(ids(all.Invoice)).size, 25)
  assert.equal(all.maxResults, 25)
})

check('the rows of an invoice list are counted, those of a customer list are not', async (world) => {
  await world.invoice(await world.customer(), 1)
  assert.equal(typeof (await find(world, 'Invoices', { limit: 1 })).totalCount, 'number')
  assert.equal((await find(world, 'Customers', { limit: 1 })).totalCount, undefined)
})

check('statements are taken by POST as application/text and text/plain', async (world) => {
  const statement = "select *, Sku from Item where Id = '1' MAXRESULTS 2 STARTPOSITION 1"
  for (const type of ['application/text', 'text/plain']) {
    const answer = await world.raw('post', 'query', statement, { 'Content-Type': type })
    assert.deepEqual(ids(answer.data.QueryResponse.Item), ['1'], type)
  }
})

check('an item comes with its Sku', async (world) => {
  const IncomeAccountRef = { value: '79' }
  const item = await ask(world.qb, 'createItem', {
    Name: unique('Item'), Sku: 'SKU-N', Type: 'Service', IncomeAccountRef,
  })
  assert.deepEqual((await find(world, 'Items', { Sku: 'SKU-N' })).Item.map((one) => one.Id), [item.Id])
})

check('statements outside the grammar are refused in the service\'s words', async (world) => {
  const words = 'QueryValidationError: '
  const cases = [
    ['Customers', { Email: 'x' }, '4001', `${words}Property Email not found for Entity Customer`],
    ['Invoices', { PrivateNote: 'x' }, '4001', `${words}property 'PrivateNote' is not queryable`],
    ['Customers', { Id: 'one' }, '2030', 'Id should be a valid number. Supplied value:'],
    ['Customers', [{ field: 'Id', value: '1', operator: '!=' }], '4000', 'QueryParserError: '],
  ]
  for (const [plural, criteria, code, detail] of cases) {
    await refused(code, find(world, plural, criteria), detail)
  }
  const zero = world.raw('get', `query?query=${encodeURIComponent('select * from Customer startposition 0')}`)
  await refused('4001', zero, `${words}value 0 is too small. Min allowed value is 1`, 'Invalid query')
  const unknown = world.raw('get', `query?query=${encodeURIComponent('select * from Custmoer')}`)
  await refused('4001', unknown, `${words}invalid context declaration: Custmoer`)
})
