//! The general ledger.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::books::Work;
use crate::fault::Fault;

/// What goes into the general ledger together.
#[derive(Debug)]
pub(crate) struct Voucher<'a> {
    pub(crate) date: Date,
    /// `Invoice`, `Credit_x0020_Memo`, `Payment`, or nothing.
    pub(crate) document_type: &'a str,
    pub(crate) document_number: &'a str,
    pub(crate) description: &'a str,
    entries: Vec<(String, Decimal)>,
}

impl<'a> Voucher<'a> {
    pub(crate) fn new(
        date: Date,
        document_type: &'a str,
        document_number: &'a str,
        description: &'a str,
    ) -> Self {
        Self {
            date,
            document_type,
            document_number,
            description,
            entries: Vec::new(),
        }
    }

    /// A debit, or with a negative amount a credit, in local currency.
    pub(crate) fn add(&mut self, account: &str, amount: Decimal) {
        if amount.is_zero() {
            return;
        }
        match self.entries.iter_mut().find(|(known, _)| known == account) {
            Some((_, sum)) => *sum += amount,
            None => self.entries.push((account.to_owned(), amount)),
        }
    }

    /// Debits less credits.
    pub(crate) fn balance(&self) -> Decimal {
        self.entries.iter().map(|(_, amount)| amount).sum()
    }

    /// Writes the entries; refused when debits and credits differ.
    pub(crate) fn post(self, work: &mut Work<'_>) -> Result<(), Fault> {
        let balance = self.balance();
        if !balance.is_zero() {
            return Err(Fault::dialog(format!(
                "Document No. {} is out of balance by {balance}. Please check that the amounts are correct.",
                self.document_number
            )));
        }
        for (account, amount) in &self.entries {
            if !amount.is_zero() {
                self.write(work, account, *amount)?;
            }
        }
        Ok(())
    }

    fn write(&self, work: &mut Work<'_>, number: &str, amount: Decimal) -> Result<(), Fault> {
        let account = work.books.find("accounts", "number", number).cloned();
        let account = account.ok_or_else(|| {
            Fault::relation("G/L Account No.", "G/L Entry", number, "G/L Account")
        })?;
        if account.is("blocked") {
            return Err(Fault::field(format!(
                "Blocked must be equal to 'No' in G/L Account: No.={number}. Current value is 'Yes'."
            )));
        }
        let mut entry = work.blank();
        entry.set("entryNumber", work.next_entry("generalLedger"));
        entry.set_date("postingDate", self.date);
        entry.set("documentType", self.document_type);
        entry.set("documentNumber", self.document_number);
        entry.set("description", self.description);
        entry.set("accountId", account.id.as_str());
        entry.set("accountNumber", number);
        let side = if amount.is_sign_negative() {
            "creditAmount"
        } else {
            "debitAmount"
        };
        entry.set_amount(side, amount.abs());
        work.insert("generalLedgerEntries", entry);
        work.update("accounts", &account.id, |account| {
            let sum = account.amount("netChange") + amount;
            account.set_amount("netChange", sum);
        });
        Ok(())
    }
}
