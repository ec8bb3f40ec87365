'use strict'

// Judges a sandbox of QuickBooks Online with node-quickbooks and intuit-oauth:
// prints a line an area and one a failure, and fails if there is one.
//
//     node judge.js URL URL_OF_A_THROTTLED_ONE ITS_CONTROL_PAGE [AREA ...]
//
// The areas are the files beside this one; without any, all are judged.

const { World, checks } = require('./bench')

const AREAS = [
  'connection', 'lists', 'names', 'money', 'forms', 'settings', 'reports', 'papers', 'feed', 'faults', 'trouble', 'clock',
]

function say(area, passed, all) {
  console.log(`node    ${area.padEnd(12)} ${passed} of ${all} checks passed`)
}

/** Runs every check of an area; gives how many passed, and of how many. */
async function judged(world, area) {
  checks.length = 0
  require(`./${area}`)
  let passed = 0
  for (const { words, run } of checks) {
    try {
      await run(world)
      passed += 1
    } catch (error) {
      const told = error.response ? `${error.message} ${JSON.stringify(error.response.data)}` : `${error.message}`
      console.log(`node    FAILED  ${words} -- ${told.replace(/\s+/g, ' ')}`)
    }
  }
  say(area, passed, checks.length)
  return [passed, checks.length]
}

async function main([url, throttled, control, ...areas]) {
  const world = await World.of(url, throttled, control)
  let passed = 0
  let all = 0
  for (const area of areas.length ? areas : AREAS) {
    const [good, each] = await judged(world, area)
    passed += good
    all += each
  }
  say('all areas', passed, all)
  process.exitCode = passed === all ? 0 : 1
}

main(process.argv.slice(2)).catch((error) => {
  console.log(`node    FAILED  it does not begin: ${error.message}`)
  process.exitCode = 1
})
