"""Who calls Microsoft Graph through msgraph-sdk, and what a refusal looks like there."""

import warnings

warnings.filterwarnings("ignore", category=DeprecationWarning)

from azure.identity import ClientSecretCredential, UsernamePasswordCredential
from msgraph import GraphServiceClient
from msgraph.generated.models.o_data_errors.o_data_error import ODataError

from scene import PASSWORD, check, scene

ALL = ["https://graph.microsoft.com/.default"]
tenant, client_id, secret = scene["tenant_id"], scene["sdk_client_id"], scene["sdk_secret"]
ANA = "ana.reis@contoso.com"
BEN = "ben.okafor@contoso.com"
CHIARA = "chiara.conti@contoso.com"


def as_person(address):
    credential = UsernamePasswordCredential(
        client_id, address, PASSWORD, tenant_id=tenant, client_credential=secret
    )
    return GraphServiceClient(credential, ALL)


def as_application(identity=client_id, proof=secret):
    return GraphServiceClient(ClientSecretCredential(tenant, identity, proof), ALL)


def as_narrow_application():
    """One that has no more than Sites.Selected."""
    return as_application(scene["selected_client_id"], scene["selected_secret"])


async def refused(awaitable, status, code, what):
    try:
        await awaitable
    except ODataError as error:
        check(error.response_status_code == status, what, error.response_status_code)
        check(error.error.code == code, f"{what}: its code", error.error.code)
        return error.error
    check(False, what)
