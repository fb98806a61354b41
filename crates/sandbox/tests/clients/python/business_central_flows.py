"""Business Central by a client that was generated from its description: every answer must fit the client's strict types."""

import os

import msal
import pybusinesscentral as bc
from pybusinesscentral import apis as api
from pybusinesscentral.exceptions import ApiException

from scene import authority, check, control, done, scene

JSON = "application/json"
control(
    "POST",
    "/business-central/applications",
    {
        "client_id": scene["client_id"],
        "permission_sets": ["D365 BUS FULL ACCESS"],
        "admin_consent": True,
    },
)
entra = msal.ConfidentialClientApplication(
    scene["client_id"], authority=authority, client_credential=scene["secret"]
)
answer = entra.acquire_token_for_client(
    ["https://api.businesscentral.dynamics.com/.default"]
)
check("access_token" in answer, "a token for Business Central", answer)

configuration = bc.Configuration(
    access_token=answer["access_token"], ssl_ca_cert=os.environ["REQUESTS_CA_BUNDLE"]
)
configuration.proxy = os.environ["HTTPS_PROXY"]
client = bc.ApiClient(configuration)
check(
    configuration.host == "https://api.businesscentral.dynamics.com/v2.0/sandbox/api/v2.0",
    "Microsoft's own address",
    configuration.host,
)


def refused(call, status, code):
    try:
        call()
    except ApiException as error:
        check(error.status == status, f"refused with {status}", error.status)
        check(code in error.body, code, error.body)
        return
    check(False, f"refused with {code}")


companies = api.CompanyApi(client)
listed = companies.list_companies().value
check(len(listed) == 3, "three companies", listed)
company = listed[0].id
one = companies.get_company(company)
check(one.name == "CRONUS USA, Inc.", "its name", one)

accounts = api.AccountApi(client).list_accounts(company).value
check(len(accounts) == 30, "a chart of accounts", len(accounts))
terms = api.PaymentTermApi(client).list_payment_terms(company).value
check(any(it.due_date_calculation == "30D" for it in terms), "thirty days", terms)
entries = api.GeneralLedgerEntryApi(client).list_general_ledger_entries(company, top=5).value
check(len(entries) == 5, "the first five entries", entries)
check(entries[0].debit_amount == 250000, "the opening balance", entries[0])

customers = api.CustomerApi(client)
found = customers.list_customers(company, filter="number eq '10000'").value
check(found[0].display_name == "Adatum Corporation", "a customer by number", found)
made = customers.post_customer(company, JSON, {"displayName": "Adventure Works", "city": "Seattle"})
check(made.display_name == "Adventure Works" and made.number, "a customer made", made)
changed = customers.patch_customer(company, made.id, JSON, "*", {"city": "Tacoma"})
check(changed.city == "Tacoma", "a customer changed", changed)
refused(
    lambda: customers.patch_customer(company, made.id, JSON, 'W/"stale"', {"city": "X"}),
    409,
    "Request_EntityChanged",
)
with_terms = customers.get_customer(company, found[0].id, expand=["paymentTerm"])
check(with_terms.payment_term.code == "14 DAYS", "its terms", with_terms.payment_term)
customers.delete_customer(company, made.id)
refused(lambda: customers.get_customer(company, made.id), 404, "Internal_RecordNotFound")

invoices = api.SalesInvoiceApi(client)
lines = api.SalesInvoiceLineApi(client)
draft = invoices.post_sales_invoice(company, JSON, {"customerId": found[0].id})
check(draft.status == "Draft", "a draft", draft)
account = next(it for it in accounts if it.number == "40300")
line = lines.post_sales_invoice_line_for_sales_invoice(
    company,
    draft.id,
    JSON,
    {"accountId": account.id, "quantity": 2, "unitPrice": 12.5},
)
check(line.amount_excluding_tax == 25, "a line's amount", line)
invoices.post_action_sales_invoices(company, draft.id)
posted = invoices.get_sales_invoice(company, draft.id)
check(posted.status == "Open" and posted.number != draft.number, "posted", posted)
of_it = api.GeneralLedgerEntryApi(client).list_general_ledger_entries(
    company, filter=f"documentNumber eq '{posted.number}'"
).value
check(
    sum(it.debit_amount for it in of_it) == sum(it.credit_amount for it in of_it),
    "debits and credits",
    of_it,
)
refused(
    lambda: invoices.post_action_sales_invoices(company, draft.id),
    400,
    "Application_DialogException",
)

journals = api.JournalApi(client)
journal = journals.post_journal(company, JSON, {"code": "JUDGE", "displayName": "Judge"})
journal_lines = api.JournalLineApi(client)
for number, amount in (("60500", 10), ("10100", -10)):
    journal_lines.post_journal_line_for_journal(
        company,
        journal.id,
        JSON,
        {"accountNumber": number, "amount": amount, "documentNumber": "J-1"},
    )
both = journal_lines.list_journal_lines_for_journal(company, journal.id).value
check(len(both) == 2, "two lines", both)
journals.post_action_journals(company, journal.id)
left = journal_lines.list_journal_lines_for_journal(company, journal.id).value
check(left == [], "no lines once posted", left)

vendors = api.VendorApi(client).list_vendors(company).value
check(len(vendors) == 5, "vendors", vendors)
bought = api.PurchaseInvoiceApi(client).list_purchase_invoices(company, top=3).value
check(len(bought) == 3 and bought[0].vendor_id, "purchases", bought)
done(24)
