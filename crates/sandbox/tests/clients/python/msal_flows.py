"""MSAL for Python, as it is, against the sandbox under Microsoft's names."""

import json

import msal

from scene import (
    DEFAULT, PASSWORD, Browser, authority, certificate, check, claims, control, done, enter_device_code, me, scene,
)

person = scene["member"]
confidential = lambda **more: msal.ConfidentialClientApplication(
    scene["client_id"], authority=authority, client_credential=scene["secret"], **more
)
public = lambda **more: msal.PublicClientApplication(scene["public_client_id"], authority=authority, **more)


def client_credentials():
    app = confidential()
    first = app.acquire_token_for_client(DEFAULT)
    check(first.get("token_source") == "identity_provider", "a token for the application", first)
    check(claims(first["access_token"])["roles"] == ["Mail.Read"], "it holds the role that was granted")
    second = app.acquire_token_for_client(DEFAULT)
    check(second["token_source"] == "cache", "the second comes from the cache")
    check(second["access_token"] == first["access_token"], "and is the first")


def wrong_secret():
    app = msal.ConfidentialClientApplication(scene["client_id"], authority=authority, client_credential="wrong")
    refused = app.acquire_token_for_client(DEFAULT)
    check(refused["error"] == "invalid_client", "a wrong secret is refused", refused)
    check(refused["error_codes"] == [7000215], "with its code", refused)
    check(refused["correlation_id"] and refused["trace_id"], "and what a support case needs")
    nobody = msal.ConfidentialClientApplication(
        "11111111-2222-4333-8444-555555555555", authority=authority, client_credential="wrong"
    ).acquire_token_for_client(DEFAULT)
    check(nobody["error_codes"] == [700016], "an unknown application too", nobody)


def by_certificate():
    pem, key, thumbprint = certificate()
    control("POST", f"/applications/{scene['client_id']}/certificates", {"certificate": pem})
    for credential in (
        {"private_key": key, "public_certificate": pem},
        {"private_key": key, "thumbprint": thumbprint},
    ):
        app = msal.ConfidentialClientApplication(
            scene["client_id"], authority=authority, client_credential=credential
        )
        result = app.acquire_token_for_client(DEFAULT)
        check("access_token" in result, "a certificate proves the application", result)
        check(claims(result["access_token"])["appidacr"] == "2", "and the token says so")
    _, other, _ = certificate()
    forged = msal.ConfidentialClientApplication(
        scene["client_id"], authority=authority, client_credential={"private_key": other, "thumbprint": thumbprint}
    ).acquire_token_for_client(DEFAULT)
    check(forged.get("error_codes") == [700027], "another key under its thumbprint does not", forged)


def authorization_code():
    app = confidential()
    flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri=scene["redirect_uri"], login_hint=person)
    answer = Browser().open(flow["auth_uri"]).sign_in(person).answer()
    result = app.acquire_token_by_auth_code_flow(flow, answer)
    check("access_token" in result, "a code becomes tokens", result)
    check(result["id_token_claims"]["preferred_username"] == person, "of the person who signed in")
    check(me(result["access_token"]).json()["userPrincipalName"] == person, "which Microsoft Graph accepts")
    account = app.get_accounts()[0]
    check(account["username"] == person, "the account is in the cache", account)
    silent = app.acquire_token_silent(["User.Read"], account)
    check(silent["token_source"] == "cache", "a silent token is the cached one")
    before = refresh_tokens(app)
    forced = app.acquire_token_silent(["User.Read"], account, force_refresh=True)
    check(forced["token_source"] == "identity_provider", "a forced one is new", forced)
    check(refresh_tokens(app) != before, "and its refresh token has taken the old one's place")
    twice = app.acquire_token_by_authorization_code(
        answer["code"], ["User.Read"], redirect_uri=scene["redirect_uri"]
    )
    check(twice["error_codes"][0] in (50148, 54005), "a code is good once", twice)
    app.remove_account(account)
    check(app.get_accounts() == [], "a removed account is gone")


def refresh_tokens(app):
    return [it["secret"] for it in app.token_cache.search(msal.TokenCache.CredentialType.REFRESH_TOKEN)]


def declined():
    app = confidential()
    flow = app.initiate_auth_code_flow(["Calendars.Read"], redirect_uri=scene["redirect_uri"])
    browser = Browser().open(flow["auth_uri"]).submit("sign-in", login=person, passwd=PASSWORD)
    answer = browser.submit("consent", decision="cancel").answer()
    result = app.acquire_token_by_auth_code_flow(flow, answer)
    check(result["error"] == "access_denied", "who declines sends the client away", result)


def device_code():
    app = public()
    flow = app.initiate_device_flow(["User.Read"])
    check("user_code" in flow, "a device gets a code", flow)
    pending = app.acquire_token_by_device_flow(flow, exit_condition=lambda flow: True)
    check(pending["error"] == "authorization_pending", "and waits", pending)
    enter_device_code(flow["verification_uri"], flow["user_code"], person)
    result = app.acquire_token_by_device_flow(flow)
    check("access_token" in result, "until its person has signed in", result)
    check(app.acquire_token_silent(["User.Read"], app.get_accounts()[0])["token_source"] == "cache", "then silently")


def password():
    app = public()
    result = app.acquire_token_by_username_password(person, PASSWORD, ["User.Read"])
    check("access_token" in result, "a name and password become tokens", result)
    wrong = app.acquire_token_by_username_password(person, "guess", ["User.Read"])
    check(wrong["error_codes"] == [50126], "wrong ones do not", wrong)


def on_behalf_of():
    front = confidential()
    flow = front.initiate_auth_code_flow([scene["api_scope"]], redirect_uri=scene["redirect_uri"])
    answer = Browser().open(flow["auth_uri"]).sign_in(person).answer()
    user_token = front.acquire_token_by_auth_code_flow(flow, answer)
    check("access_token" in user_token, "a token for an API of one's own", user_token)
    middle = msal.ConfidentialClientApplication(
        scene["api_client_id"], authority=authority, client_credential=scene["api_secret"]
    )
    result = middle.acquire_token_on_behalf_of(user_token["access_token"], ["User.Read"])
    check("access_token" in result, "is exchanged for one for Microsoft Graph", result)
    check(me(result["access_token"]).json()["userPrincipalName"] == person, "of the same person")
    refused = middle.acquire_token_on_behalf_of(result["access_token"], ["User.Read"])
    check("error" in refused, "a token for somebody else is not", refused)


def long_lived_tokens_and_their_end():
    app = confidential(client_capabilities=["CP1"])
    check("access_token" in app.acquire_token_for_client(DEFAULT), "capabilities of another case do no harm")
    app = public(client_capabilities=["cp1"])
    result = app.acquire_token_by_username_password(person, PASSWORD, ["User.Read"])
    check(result["expires_in"] >= 72000, "a capable client gets a long token", result)
    check(result.get("refresh_in") or True, "to be renewed at half of it")
    check(me(result["access_token"]).status_code == 200, "which works")
    control("POST", f"/users/{person}/revoke")
    refused = me(result["access_token"])
    check(refused.status_code == 401, "until sessions are revoked")
    check("insufficient_claims" in refused.headers["WWW-Authenticate"], "which the challenge says")
    account = app.get_accounts()[0]
    stale = app.acquire_token_silent_with_error(["User.Read"], account, claims_challenge=json.dumps(
        {"access_token": {"nbf": {"essential": True, "value": "1"}}}
    ))
    check(stale["error"] == "invalid_grant", "then the refresh token is dead too", stale)
    check(stale["error_codes"] == [50173], "as revoked", stale)


def authorities():
    other = msal.ConfidentialClientApplication(
        scene["client_id"],
        authority=f"https://login.windows.net/{scene['domain']}",
        client_credential=scene["secret"],
    )
    result = other.acquire_token_for_client(DEFAULT)
    check("access_token" in result, "another name of the authority, and the tenant by its domain", result)
    try:
        msal.ConfidentialClientApplication(
            scene["client_id"], authority="https://login.microsoftonline.com/nobody.example", client_credential="x"
        ).acquire_token_for_client(DEFAULT)
        check(False, "a tenant that does not exist is refused")
    except ValueError as error:
        check("nobody.example" in str(error), "a tenant that does not exist is refused", error)


client_credentials()
wrong_secret()
by_certificate()
authorization_code()
declined()
device_code()
password()
on_behalf_of()
authorities()
long_lived_tokens_and_their_end()
done(30)
