"""The sandbox as a script finds it: what was registered for it, a person's browser, and checks that are counted."""

import base64
import json
import os
import re
import urllib.parse

import requests

LOGIN = "https://login.microsoftonline.com"
GRAPH = "https://graph.microsoft.com"
DEFAULT = [GRAPH + "/.default"]
PASSWORD = "Sandbox-1"

scene = json.loads(os.environ["SCENE"])
authority = f"{LOGIN}/{scene['tenant_id']}"
passed = 0


def check(holds, what, seen=None):
    """Counts what held, and ends the script at the first thing that did not."""
    global passed
    if not holds:
        raise SystemExit(f"not so: {what}; seen: {seen!r}")
    passed += 1


def done(at_least):
    check(passed >= at_least, f"at least {at_least} checks", passed)
    print(f"{passed} checks held")


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def control(method, path, body=None):
    """The sandbox's control API, at its own address."""
    answer = requests.request(method, f"{scene['url']}/_sandbox{path}", json=body, timeout=20)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def certificate():
    """A certificate and its key in PEM, and the thumbprint as clients want it."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "client of a test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = built.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    return pem, private, built.fingerprint(hashes.SHA1()).hex()


class Browser:
    """Fills in the pages as a person would."""

    def __init__(self):
        self.session = requests.Session()
        self.page = None

    def open(self, url):
        self.page = self.session.get(url, allow_redirects=False, timeout=20)
        return self

    def submit(self, form, **fields):
        html = self.page.text
        found = re.search(rf'<form[^>]*(?:id|name)="{form}"[^>]*>(.*?)</form>', html, re.S)
        if not found:
            raise SystemExit(f"no form {form}: {self.page.status_code} {html[-2000:]}")
        action = re.search(r'action="([^"]*)"', found.group(0)).group(1)
        values = {}
        for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", found.group(1)):
            name = re.search(r'name="([^"]*)"', tag).group(1)
            value = re.search(r'value="([^"]*)"', tag).group(1)
            values[name] = unescape(value)
        values.update(fields)
        url = urllib.parse.urljoin(self.page.url, action)
        self.page = self.session.post(url, data=values, allow_redirects=False, timeout=20)
        return self

    def follow(self):
        target = urllib.parse.urljoin(self.page.url, self.page.headers["location"])
        return self.open(target)

    def sign_in(self, person):
        self.submit("sign-in", login=person, passwd=PASSWORD)
        if 'id="consent"' in self.page.text or 'name="consent"' in self.page.text:
            self.submit("consent", decision="accept")
        return self

    def answer(self):
        """What went to the redirect URI."""
        location = urllib.parse.urlparse(self.page.headers["location"])
        return dict(urllib.parse.parse_qsl(location.query))


def unescape(text):
    import html

    return html.unescape(text)


def enter_device_code(flow_page, user_code, person):
    """A person with a device's code at another machine."""
    browser = Browser().open(flow_page)
    browser.submit("device", otc=user_code).follow().sign_in(person)
    check("You have signed in" in browser.page.text, "the person is told that the device is signed in")


def me(token):
    return requests.get(GRAPH + "/v1.0/me", headers={"Authorization": f"Bearer {token}"}, timeout=20)
