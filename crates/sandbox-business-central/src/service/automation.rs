//! `/api/microsoft/automation/v2.0/…`: what an environment is set up with.
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/itpro-introduction-to-automation-apis>

use http::Method;
use sandbox_odata::options::Options;

use super::ask::Ask;
use super::{BusinessCentral, tables};
use crate::books::Work;
use crate::engine::{Call, Reply};
use crate::fault::Fault;
use crate::model::Api;

impl BusinessCentral {
    /// Reads or writes tables of the environment, by the address of one of its companies, all or nothing.
    pub(super) fn platform(
        &mut self,
        at: usize,
        company: usize,
        ask: &Ask<'_>,
        base: &str,
        options: Options,
        path: &[String],
    ) -> Result<Reply, Fault> {
        let first = path.first().map(String::as_str).unwrap_or_default();
        let table = first.split('(').next().unwrap_or_default();
        let last = path.last().map(String::as_str).unwrap_or_default();
        self.authorize(at, ask, table, last.starts_with("Microsoft.NAV."))?;
        let Self {
            environments,
            directory,
            unlicensed,
            ..
        } = self;
        let environment = &mut environments[at];
        let company_id = environment.companies[company].id.clone();
        if ask.method == Method::DELETE
            && table == "automationCompanies"
            && last.contains(&company_id)
        {
            return Err(Fault::dialog(
                "You cannot delete the company that you are working in.",
            ));
        }
        let mut call = Call {
            api: Api::Automation,
            method: &ask.method,
            path,
            options,
            base,
            url: format!("{}{}", ask.origin, ask.path),
            company_id: &company_id,
            if_match: ask.if_match.as_deref(),
            content_type: ask.content_type.as_deref(),
            page_size: ask.page_size(),
            body: &ask.body,
        };
        let mut books = environment.open_platform(directory, unlicensed, ask.now);
        let mut work = Work::new(&mut books, ask.now);
        let outcome = tables::run(&mut work, &mut call);
        if outcome.is_err() {
            work.undo();
        }
        let changes = work.finish();
        environment.close_platform(books, &changes, ask.now);
        outcome
    }
}
