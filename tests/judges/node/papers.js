'use strict'

// What is not an object of the books, by node-quickbooks: forms as PDF and by
// mail, and files that are attached.

const { Readable } = require('node:stream')

const { ask, assert, check, refused } = require('./bench')

check('an invoice comes as a PDF', async (world) => {
  const made = await world.invoice(await world.customer(), 12)
  const paper = await ask(world.qb, 'getInvoicePdf', made.Id)
  assert.equal(Buffer.from(paper).subarray(0, 5).toString(), '%PDF-')
})

check('a file is attached to an invoice, by multipart', async (world) => {
  const made = await world.invoice(await world.customer(), 12)
  const args = ['note.txt', 'text/plain', Readable.from([Buffer.from('a note')]), 'Invoice', made.Id]
  const file = await ask(world.qb, 'upload', ...args)
  assert.deepEqual([file.FileName, file.ContentType, file.SyncToken], ['note.txt', 'text/plain', '1'])
  assert.deepEqual(file.AttachableRef[0].EntityRef, { type: 'Invoice', value: made.Id })
  const { Attachable: gone } = await ask(world.qb, 'deleteAttachable', { Id: file.Id, SyncToken: '1' })
  assert.equal(gone.status, 'Deleted')
  await refused('610', ask(world.qb, 'getAttachable', file.Id))
})
