'use strict'

// Judges a sandbox of QuickBooks Online with node-quickbooks and intuit-oauth:
// prints a line a check and fails if a check failed.
//
//     node judge.js URL URL_OF_A_THROTTLED_ONE [AREA ...]
//
// The areas are the files beside this one; without any, all are judged.

const { World, checks } = require('./bench')

const AREAS = ['connection', 'lists', 'names', 'money', 'forms', 'feed', 'faults']

async function main([url, throttled, ...areas]) {
  for (const area of areas.length ? areas : AREAS) require(`./${area}`)
  const world = await World.of(url, throttled)
  let failed = 0
  for (const { words, run } of checks) {
    try {
      await run(world)
      console.log(`node    ok      ${words}`)
    } catch (error) {
      failed += 1
      const told = error.response ? `${error.message} ${JSON.stringify(error.response.data)}` : `${error.message}`
      console.log(`node    FAILED  ${words} -- ${told.replace(/\s+/g, ' ')}`)
    }
  }
  console.log(`node    ${checks.length - failed} of ${checks.length} checks passed`)
  process.exitCode = failed ? 1 : 0
}

main(process.argv.slice(2)).catch((error) => {
  console.log(`node    FAILED  it does not begin: ${error.message}`)
  process.exitCode = 1
})
