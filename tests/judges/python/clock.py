"""What time does to a connection: an hour for access, a day for the value of a
refresh token, 101 days without use, five years at most."""

import requests
from quickbooks.exceptions import AuthorizationException
from quickbooks.objects.customer import Customer

from bench import CLIENT_ID, CLIENT_SECRET, check, holds, same
from connection import rejected


def admitted(world, auth):
    """Whether the books open to the access token."""
    try:
        return Customer.get(1, qb=world.client(auth, world.throttled)).Id == "1"
    except AuthorizationException as error:
        same(error.error_code, 401)
        holds('"fault"' in error.detail and "003200" in error.detail, error.detail)
        return False
    finally:
        world.client(world.auth, world.url)


@check("401: an access token lasts an hour, and a refresh brings another")
def _(world):
    auth = world.connected(world.throttled)
    world.later("59m")
    same(admitted(world, auth), True, "access after 59 minutes")
    world.later("2m")
    same(admitted(world, auth), False, "access after 61 minutes")
    auth.refresh()
    same(admitted(world, auth), True, "access after the refresh")


@check("the refresh token changes its value after a day, and the value before dies")
def _(world):
    auth = world.connected(world.throttled)
    first = auth.refresh_token
    world.later("23h")
    auth.refresh()
    same(auth.refresh_token, first, "the refresh token after 23 hours")
    world.later("2h")
    auth.refresh()
    second = auth.refresh_token
    holds(second != first, "the refresh token keeps its value after 25 hours")
    rejected(400, "invalid_grant", lambda: auth.refresh(first), "Incorrect or invalid refresh token")
    auth.refresh(second)
    same(auth.refresh_token, second, "the refresh token just after its change")
    same(admitted(world, auth), True, "access after the change")


@check("a refresh token lasts 101 days from its last use")
def _(world):
    auth = world.connected(world.throttled)
    for _ in range(2):
        world.later("2400h")
        auth.refresh()
        same(auth.x_refresh_token_expires_in, 8726400, "what is left of it")
    world.later("2425h")
    rejected(400, "invalid_grant", auth.refresh)
    rejected(400, "invalid_grant", auth.refresh)


@check("a connection ends after five years, however often it is refreshed")
def _(world):
    auth = world.connected(world.throttled)
    told = hard_end(auth)
    for _ in range(18):
        world.later("2400h")
        auth.refresh()
    left = hard_end(auth)
    same(abs(told - left - 1800 * 86400) < 60, True, f"{told} - {left} seconds: 1,800 days")
    world.later(f"{left + 60}s")
    rejected(400, "invalid_grant", auth.refresh)
    same(admitted(world, auth), False, "access after the end")


def hard_end(auth):
    """The seconds to the end, which only a header of its own brings; the
    library does not send it."""
    answer = requests.post(
        auth.token_endpoint,
        {"grant_type": "refresh_token", "refresh_token": auth.refresh_token},
        headers={"x-include-refresh-token-hard-expires-in": "true", "Accept": "application/json"},
        auth=(CLIENT_ID, CLIENT_SECRET),
        timeout=20,
    ).json()
    auth.refresh_token = answer["refresh_token"]
    return answer["x_refresh_token_hard_expires_in"]
