"""Connecting, refreshing and ending a connection, by intuit-oauth."""

import json

import requests
from intuitlib.exceptions import AuthClientError
from quickbooks.exceptions import AuthorizationException
from quickbooks.objects.customer import Customer

from bench import CALLBACK, REALM, check, holds, same


def rejected(status, error, call, description=None):
    """Demands a refusal in the words of OAuth."""
    try:
        call()
    except AuthClientError as refusal:
        body = json.loads(refusal.content)
        same((refusal.status_code, body["error"]), (status, error), "the refusal")
        holds(description in (None, body.get("error_description")), f"{body} does not say {description!r}")
        return
    raise AssertionError(f"it was not refused with {error}")


@check("discovery names the endpoints and what they take")
def _(world):
    auth = world.auth_client(world.url)
    for address in (auth.auth_endpoint, auth.token_endpoint, auth.revoke_endpoint, auth.user_info_url):
        holds(address.startswith(world.url), f"{address} is elsewhere")
    holds(auth.issuer_uri and auth.jwks_uri, "it has no issuer or no keys")
    for name in ("openid_configuration", "openid_configuration/", "openid_sandbox_configuration/"):
        told = requests.get(f"{world.url}/.well-known/{name}", timeout=20).json()
        same(told["response_types_supported"], ["code"])
        same(sorted(told["token_endpoint_auth_methods_supported"]), ["client_secret_basic", "client_secret_post"])


@check("consent comes back with a code, the state and the company")
def _(world):
    back = world.consent(world.auth_client(world.url), "x y&z=1")
    same((back["state"], back["realmId"]), ("x y&z=1", REALM))
    holds(back["code"], "there is no code")


@check("a code is exchanged once, and only with its own redirect address")
def _(world):
    auth = world.auth_client(world.url)
    back = world.consent(auth)
    auth.redirect_uri = CALLBACK + "/elsewhere"
    rejected(400, "invalid_grant", lambda: auth.get_bearer_token(back["code"]))
    auth.redirect_uri = CALLBACK
    back = world.consent(auth)
    auth.get_bearer_token(back["code"], realm_id=back["realmId"])
    same((auth.expires_in, auth.x_refresh_token_expires_in), (3600, 8726400), "the lives of the tokens")
    rejected(400, "invalid_grant", lambda: auth.get_bearer_token(back["code"]))


@check("a refresh within the day keeps the value of the refresh token")
def _(world):
    auth = world.connected(world.url)
    access, refresh = auth.access_token, auth.refresh_token
    auth.refresh()
    same(auth.refresh_token, refresh, "the refresh token")
    holds(auth.access_token != access, "the access token is the old one")
    same((auth.expires_in, auth.x_refresh_token_expires_in), (3600, 8726400), "the lives of the tokens")


@check("a refresh token that is none, and a wrong secret, are refused as OAuth does")
def _(world):
    auth = world.auth_client(world.url)
    text = "Incorrect or invalid refresh token"
    rejected(400, "invalid_grant", lambda: auth.refresh("nonsense"), text)
    wrong = world.auth_client(world.url, secret="wrong")
    rejected(401, "invalid_client", lambda: wrong.refresh("sandbox-refresh-token"))


@check("revoking ends both tokens")
def _(world):
    for which in ("refresh_token", "access_token"):
        auth = world.connected(world.url)
        qb = world.client(auth, world.url)
        same(Customer.get(1, qb=qb).Id, "1")
        same(auth.revoke(getattr(auth, which)), True, "the answer")
        rejected(400, "invalid_grant", auth.refresh)
        try:
            Customer.get(1, qb=qb)
        except AuthorizationException as error:
            same(error.error_code, 401)
        else:
            raise AssertionError(f"the access token lives on after its {which} was revoked")


@check("userinfo tells who consented, to those with a token")
def _(world):
    told = world.auth.get_user_info().json()
    holds(told["sub"] and "@" in told["email"], f"{told} names nobody")
    same((type(told["emailVerified"]), type(told["givenName"])), (bool, str))
    try:
        world.auth_client(world.url).get_user_info("nonsense")
    except AuthClientError as refusal:
        same(refusal.status_code, 401)
    else:
        raise AssertionError("it tells anybody")
