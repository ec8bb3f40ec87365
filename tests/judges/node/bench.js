'use strict'

// What every check of the Node judge stands on: its registration, a connection
// made as an app makes one, and words for what must be refused.

const assert = require('node:assert/strict')
const axios = require('axios')
const OAuthClient = require('intuit-oauth')
const QuickBooks = require('node-quickbooks')

const CLIENT = { clientId: 'sandbox-client', clientSecret: 'sandbox-secret' }
const REALM = '9130350000000000'
const CALLBACK = 'http://localhost:9999/callback'

const checks = []
let number = 0

/** Makes a check; its words are its name. */
function check(words, run) {
  checks.push({ words, run })
}

/** A name that was not used before. */
function unique(word) {
  number += 1
  return `${word} of node ${number}`
}

/** Calls a method of node-quickbooks and waits for its callback. */
function ask(qb, method, ...args) {
  return new Promise((resolve, reject) => {
    qb[method](...args, (error, data) => (error ? reject(error) : resolve(data)))
  })
}

/** Demands a refusal with this code, in the common shape of a fault. */
async function refused(code, promise, detail = '', message = '') {
  const error = await failure(promise, code)
  const body = error.response.data
  assert.equal(error.response.status, 400)
  assert.equal(body.Fault.type, 'ValidationFault')
  const fault = body.Fault.Error[0]
  assert.equal(fault.code, code)
  assert.ok(fault.Detail.includes(detail), `${fault.Detail} does not hold ${detail}`)
  assert.ok(fault.Message.includes(message), `${fault.Message} does not hold ${message}`)
  return fault
}

/** The error a promise ends in. */
async function failure(promise, code) {
  let answer
  try {
    answer = await promise
  } catch (error) {
    if (!error.response) throw error
    return error
  }
  return assert.fail(`it was not refused with ${code} but answered ${JSON.stringify(answer)}`)
}

/** One sandbox without throttle, one with throttle and control page, and a client of the first. */
class World {
  static async of(url, throttled, control) {
    const world = new World()
    Object.assign(world, { url, throttled, control })
    world.auth = await world.connected(url)
    world.qb = world.client(world.auth, url)
    return world
  }

  /** A client of the OAuth endpoints, whose addresses belong to the class. */
  authClient(url = this.url, options = {}) {
    const auth = new OAuthClient({ ...CLIENT, environment: 'sandbox', redirectUri: CALLBACK, ...options })
    OAuthClient.environment.sandbox = `${url}/`
    return auth.setAuthorizeURLs({
      authorizeEndpoint: `${url}/connect/oauth2`,
      tokenEndpoint: `${url}/oauth2/v1/tokens/bearer`,
      revokeEndpoint: `${url}/v2/oauth2/tokens/revoke`,
      userInfoEndpoint: `${url}/v1/openid_connect/userinfo`,
    })
  }

  /** Where the administrator is sent back to. */
  async consent(auth, state = 'a state & more') {
    const page = auth.authorizeUri({ scope: [OAuthClient.scopes.Accounting, OAuthClient.scopes.OpenId], state })
    const answer = await axios.get(page, { maxRedirects: 0, validateStatus: () => true })
    assert.equal(answer.status, 302)
    assert.ok(answer.headers.location.startsWith(`${CALLBACK}?`), answer.headers.location)
    return answer.headers.location
  }

  async connected(url = this.url, options = {}) {
    const auth = this.authClient(url, options)
    await auth.createToken(await this.consent(auth))
    return auth
  }

  client(auth, url = this.url) {
    QuickBooks.V3_ENDPOINT_BASE_URL = `${url}/v3/company/`
    QuickBooks.TOKEN_URL = `${url}/oauth2/v1/tokens/bearer`
    QuickBooks.REVOKE_URL = `${url}/v2/oauth2/tokens/revoke`
    const { access_token: token, refresh_token: refreshToken } = auth.getToken()
    return new QuickBooks({
      consumerKey: CLIENT.clientId,
      consumerSecret: CLIENT.clientSecret,
      token,
      refreshToken,
      realmId: REALM,
      useSandbox: true,
      debug: false,
      oauthversion: '2.0',
    })
  }

  /** Turns the clock of the throttled sandbox on by a span like `25h`. */
  async later(span) {
    const options = { maxRedirects: 0, validateStatus: (status) => status === 303 }
    await axios.post(`${this.control}/clock/turn`, new URLSearchParams({ advance: span }), options)
  }

  /** One call to QuickBooks that fits a rule goes wrong while this runs. */
  async trouble(what, rule, run) {
    const address = `${this.url}/sandbox/trouble`
    await axios.post(address, { vendor: 'quickbooks', what, ...rule })
    try {
      return await run()
    } finally {
      await axios.delete(address)
    }
  }

  /** Calls the API with the token of this world and nothing of a library's. */
  raw(method, path, data, headers = {}, options = {}) {
    const { access_token: token } = this.auth.getToken()
    return axios({
      method,
      url: `${this.url}/v3/company/${REALM}/${path}`,
      data,
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json', ...headers },
      ...options,
    })
  }

  /** The body of an answer to GET as it is on the wire. */
  async text(path) {
    return (await this.raw('get', path, undefined, {}, { transformResponse: (body) => body })).data
  }

  /** The company's time, from the envelope of an answer. */
  async now() {
    return (await ask(this.qb, 'findCompanyInfos', { count: true })).time
  }

  customer(fields = {}) {
    return ask(this.qb, 'createCustomer', { DisplayName: unique('Customer'), ...fields })
  }

  invoice(customer, amount, fields = {}) {
    return ask(this.qb, 'createInvoice', { ...bill(customer, amount), ...fields })
  }

  /** A payment; `parts` are pairs of an invoice and an amount. */
  payment(customer, amount, parts = [], fields = {}) {
    const Line = parts.map(([invoice, part]) => pays(invoice, part))
    return ask(this.qb, 'createPayment', { CustomerRef: { value: customer.Id }, TotalAmt: amount, Line, ...fields })
  }
}

/** A line that sells item 1. */
function sale(amount, detail = {}) {
  return {
    Amount: amount,
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: { ItemRef: { value: '1' }, TaxCodeRef: { value: 'NON' }, ...detail },
  }
}

/** An invoice of one line. */
function bill(customer, amount) {
  return { CustomerRef: { value: customer.Id }, Line: [sale(amount)] }
}

/** A payment's line that pays an invoice. */
function pays(invoice, amount) {
  return { Amount: amount, LinkedTxn: [{ TxnId: invoice.Id, TxnType: 'Invoice' }] }
}

/** Id and token, which is all that void and delete need. */
function only({ Id, SyncToken }) {
  return { Id, SyncToken }
}

module.exports = {
  CALLBACK, CLIENT, REALM, World, ask, assert, bill, check, checks, failure, only, pays, refused, sale, unique,
}
