//! An answer on its way to the caller.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use sandbox_odata::service::Response;
use serde_json::{Value, json};

use crate::fault::Fault;

/// Status, body and what headers it needs of its own.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    content_type: &'static str,
}

pub(crate) const JSON: &str = "application/json; odata.metadata=minimal";

impl Reply {
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::from(body.to_string()),
            content_type: JSON,
        }
    }

    pub(crate) fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            content_type: "",
        }
    }

    pub(crate) fn no_content() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    pub(crate) fn bytes(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            body: body.into(),
            content_type,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A refusal in Dataverse's envelope.
    pub(crate) fn refusal(fault: &Fault, all_annotations: bool) -> Self {
        let mut error = json!({ "code": fault.code, "message": fault.message });
        if all_annotations {
            error["@Microsoft.PowerApps.CDS.ErrorDetails.OperationStatus"] = json!("0");
            error["@Microsoft.PowerApps.CDS.ErrorDetails.SubErrorCode"] = json!("0");
            error["@Microsoft.PowerApps.CDS.HelpLink"] = json!(format!(
                "http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a{}&client=platform",
                fault.code.trim_start_matches("0x")
            ));
            error["@Microsoft.PowerApps.CDS.TraceText"] = json!("");
            error["@Microsoft.PowerApps.CDS.InnerError.Message"] = json!(fault.message);
        }
        let reply = Self::json(fault.status, &json!({ "error": error }));
        match fault.retry_after {
            Some(seconds) => reply.with("retry-after", seconds.to_string()),
            None => reply,
        }
    }

    /// As a batch writes it between its boundaries.
    pub(crate) fn write_to(&self, out: &mut Vec<u8>) {
        let reason = self.status.canonical_reason().unwrap_or_default();
        out.extend(format!("HTTP/1.1 {} {reason}\r\n", self.status.as_u16()).as_bytes());
        if !self.body.is_empty() {
            out.extend(format!("Content-Type: {}\r\n", self.content_type).as_bytes());
        }
        out.extend(b"OData-Version: 4.0\r\n");
        for (name, value) in self
            .headers
            .iter()
            .filter(|(name, _)| *name != "content-type")
        {
            let name = if *name == "odata-entityid" {
                "OData-EntityId"
            } else {
                name
            };
            out.extend(format!("{name}: {value}\r\n").as_bytes());
        }
        out.extend(b"\r\n");
        out.extend(&self.body);
        out.extend(b"\r\n");
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            HeaderName::from_static("odata-version"),
            HeaderValue::from_static("4.0"),
        );
        if !self.content_type.is_empty() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(self.content_type),
            );
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
