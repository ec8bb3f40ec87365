'use strict'

// Reports, which the service computes from the books, by node-quickbooks.

const { ask, assert, check } = require('./bench')

check('reports come with header, columns and rows', async (world) => {
  for (const name of ['TrialBalance', 'ProfitAndLoss', 'BalanceSheet']) {
    const report = await ask(world.qb, `report${name}`, { accounting_method: 'Accrual' })
    assert.deepEqual([report.Header.ReportName, report.Header.Currency], [name, 'USD'])
    assert.ok(report.Columns.Column.length && report.Rows.Row.length, name)
  }
})
