"""azure-identity, as it is, against the sandbox under Microsoft's names."""

import threading

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AuthorizationCodeCredential, CertificateCredential, ClientAssertionCredential, ClientSecretCredential,
    CredentialUnavailableError, DeviceCodeCredential, EnvironmentCredential, ManagedIdentityCredential,
    ChainedTokenCredential,
)

from scene import (
    DEFAULT, GRAPH, Browser, authority, certificate, check, claims, control, done, enter_device_code, me, scene,
)

person = scene["member"]
tenant, client, secret = scene["tenant_id"], scene["client_id"], scene["secret"]


def refused(credential, code, what):
    try:
        credential.get_token(*DEFAULT)
        check(False, what)
    except ClientAuthenticationError as error:
        check(f"AADSTS{code}" in str(error), what, error)


def by_secret():
    credential = ClientSecretCredential(tenant, client, secret)
    token = credential.get_token(*DEFAULT)
    check(claims(token.token)["roles"] == ["Mail.Read"], "a secret brings the granted role")
    check(credential.get_token(*DEFAULT).token == token.token, "and the cache the same token")
    check(claims(token.token)["appidacr"] == "1", "proved by a secret")
    refused(ClientSecretCredential(tenant, client, "wrong"), 7000215, "a wrong secret is refused")
    other = ClientSecretCredential("99999999-2222-4333-8444-555555555555", client, secret)
    try:
        other.get_token(*DEFAULT)
        check(False, "a tenant that does not exist is refused")
    except (ClientAuthenticationError, ValueError) as error:
        check("99999999" in str(error), "a tenant that does not exist is refused", error)
    try:
        credential.get_token("https://nobody.example/.default")
        check(False, "a resource that does not exist is refused")
    except ClientAuthenticationError as error:
        check("AADSTS500011" in str(error), "a resource that does not exist is refused", error)
    control("POST", f"/applications/{scene['api_client_id']}/expire-secrets")
    expired = ClientSecretCredential(tenant, scene["api_client_id"], scene["api_secret"])
    refused(expired, 7000222, "an expired secret is refused")


def by_certificate():
    pem, key, _ = certificate()
    control("POST", f"/applications/{client}/certificates", {"certificate": pem})
    data = (pem + key).encode()
    for chain in (False, True):
        credential = CertificateCredential(tenant, client, certificate_data=data, send_certificate_chain=chain)
        token = credential.get_token(*DEFAULT)
        check(claims(token.token)["appidacr"] == "2", "a certificate proves the application")
    strange, strange_key, _ = certificate()
    stranger = CertificateCredential(tenant, client, certificate_data=(strange + strange_key).encode())
    refused(stranger, 700027, "one that is not registered does not")


def by_federation():
    assertion = lambda: scene["outside_token"]
    credential = ClientAssertionCredential(tenant, client, assertion)
    refused(credential, 70021, "an outside token that nobody trusts is refused")
    trusted = dict(scene["outside"], subject="somebody-else")
    control("POST", f"/applications/{client}/federated-credentials", trusted)
    refused(ClientAssertionCredential(tenant, client, assertion), 700213, "for another subject too")
    control("POST", f"/applications/{client}/federated-credentials", scene["outside"])
    token = ClientAssertionCredential(tenant, client, assertion).get_token(*DEFAULT)
    check(claims(token.token)["appid"] == client, "a trusted one proves the application")


def by_device_code():
    waiting = []

    def prompt(page, user_code, expires_on):
        waiting.append(user_code)
        threading.Thread(target=enter_device_code, args=(page, user_code, person)).start()

    credential = DeviceCodeCredential(scene["public_client_id"], tenant_id=tenant, prompt_callback=prompt)
    token = credential.get_token(GRAPH + "/User.Read")
    check(len(waiting) == 1, "a device asks once")
    check(me(token.token).json()["userPrincipalName"] == person, "and gets its person's token")
    check(credential.get_token(GRAPH + "/User.Read").token == token.token, "and the cache the same")


def by_code():
    query = (
        f"{authority}/oauth2/v2.0/authorize?client_id={client}&response_type=code"
        f"&redirect_uri={scene['redirect_uri']}&scope=offline_access%20User.Read&state=s"
    )
    code = Browser().open(query).sign_in(person).answer()["code"]
    credential = AuthorizationCodeCredential(tenant, client, code, scene["redirect_uri"], client_secret=secret)
    token = credential.get_token(GRAPH + "/User.Read")
    check(me(token.token).status_code == 200, "a code becomes a token")
    check(credential.get_token(GRAPH + "/User.Read").token == token.token, "once, then from the cache")


def by_the_machine():
    credential = ManagedIdentityCredential()
    token = credential.get_token(GRAPH)
    check(claims(token.token)["appid"] == scene["managed_client_id"], "the machine's own identity")
    named = ManagedIdentityCredential(client_id=scene["managed_client_id"]).get_token(GRAPH)
    check(claims(named.token)["oid"] == scene["managed_principal_id"], "or one by its client id")
    try:
        ManagedIdentityCredential(client_id="nobody").get_token(GRAPH)
        check(False, "an identity that the machine has not is refused")
    except (CredentialUnavailableError, ClientAuthenticationError):
        check(True, "an identity that the machine has not is refused")


def in_a_chain():
    chain = ChainedTokenCredential(EnvironmentCredential(), ClientSecretCredential(tenant, client, secret))
    check(claims(chain.get_token(*DEFAULT).token)["appid"] == client, "a chain goes on to what works")


by_secret()
by_certificate()
by_federation()
by_device_code()
by_code()
by_the_machine()
in_a_chain()
done(20)
