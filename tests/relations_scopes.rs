//! Relations of tables that keep deleted rows, and of tables that are scoped.

#[path = "support/harness.rs"]
mod support;

use orm::{ErrorKind, prelude::*};
use support::TestDatabase as _;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "accounts", new(derive(Debug, Clone)), scope(tenant_id))]
struct Account {
    #[column(primary_key)]
    id: i64,
    tenant_id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "invoices", new(derive(Debug, Clone)), scope(tenant_id), soft_delete = deleted_at)]
struct Invoice {
    #[column(primary_key)]
    id: i64,
    tenant_id: i64,
    #[column(references = Account::id)]
    account_id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "labels", new(derive(Debug, Clone)), soft_delete = deleted_at)]
struct Label {
    #[column(primary_key)]
    id: i64,
    name: String,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "invoice_labels", new(derive(Debug, Clone)), scope(tenant_id))]
struct InvoiceLabel {
    #[column(primary_key)]
    tenant_id: i64,
    #[column(primary_key, references = Invoice::id)]
    invoice_id: i64,
    #[column(primary_key, references = Label::id)]
    label_id: i64,
}

relations! {
    Account { invoices: many(Invoice) }
    Invoice { account: one(Account), labels: many(Label) through(InvoiceLabel) }
    Label { invoices: many(Invoice) through(InvoiceLabel) unscoped }
}

schema! { fn schema() = [Account, Invoice, Label, InvoiceLabel] }

/// | tenant | account | invoices |
/// |---|---|---|
/// | 1 | 1 Ann | 1, 2 deleted |
/// | 2 | 2 Bob | 3; and 4, which names Ann's account |
macro_rules! fill {
    ($db:expr) => {
        $db.create(&schema())?;
        Account::insert_many(&[NewAccount::new(1, 1, "Ann"), NewAccount::new(2, 2, "Bob")]).execute($db)?;
        let invoices = [(1, 1, 1), (2, 1, 1), (3, 2, 2), (4, 2, 1)];
        Invoice::insert_many(&invoices.map(|(id, tenant, account)| NewInvoice::new(id, tenant, account)))
            .execute($db)?;
        Invoice::delete().scope(1).filter(Invoice::id.eq(2)).execute($db)?;
        Label::insert_many(&[NewLabel::new(1, "paid"), NewLabel::new(2, "late")]).execute($db)?;
    };
}

support::each_dialect! {
    fn loads_leave_out_deleted_rows_and_those_of_others(db) {
        fill!(db);
        let ids = |invoices: &[Invoice]| invoices.iter().map(|invoice| invoice.id).collect::<Vec<_>>();
        let ann = Account::find(1).scope(1).with(Account::invoices.with(Invoice::account)).one(db)?;
        assert_eq!(ann.invoices().iter().map(|invoice| (invoice.id, invoice.account().id)).collect::<Vec<_>>(), [(1, 1)]);
        let ann = Account::find(1).scope(1).with(Account::invoices.with_deleted().order_by(Invoice::id)).one(db)?;
        assert_eq!(ids(ann.invoices()), [1, 2]);
        // Read by everybody, an account still has the rows of its own tenant only.
        let ann = Account::find(1).unscoped().with(Account::invoices).one(db)?;
        assert_eq!(ids(ann.invoices()), [1]);
        // An invoice that names another tenant's account has none.
        let Err(error) = Invoice::find(4).scope(2).with(Invoice::account).one(db) else { panic!("the account is another's") };
        assert_eq!((error.kind(), error.to_string().contains("`account`")), (ErrorKind::NotFound, true));
    }

    fn the_statements(db) {
        fill!(db);
        let texts = Account::select().scope(1).with(Account::invoices).to_sql(orm::sqlite::Sqlite);
        assert!(
            texts[1].ends_with(
                r#"where ("invoices"."account_id", "invoices"."tenant_id") in (select max(case when key % 2 = 0 then value end), max(case when key % 2 = 1 then value end) from json_each(?1) group by key / 2) and "invoices"."deleted_at" is null"#
            ),
            "{}", texts[1]
        );
        let texts = Account::select().scope(1).with(Account::invoices).to_sql(orm::postgres::Postgres);
        assert!(
            texts[1].ends_with(
                r#"where ("invoices"."account_id", "invoices"."tenant_id") in (select * from unnest($1::bigint[], $2::bigint[])) and "invoices"."deleted_at" is null"#
            ),
            "{}", texts[1]
        );
    }

    fn conditions_and_joins(db) {
        fill!(db);
        let counts = Account::select().unscoped().columns(Account::invoices.count()).order_by(Account::id).all(db)?;
        assert_eq!(counts, [1, 1]);
        let all = Account::select().unscoped().columns(Account::invoices.with_deleted().count()).order_by(Account::id).all(db)?;
        assert_eq!(all, [2, 1]);
        let rows: Vec<(i64, Option<i64>)> =
            Account::select().scope(1).left_join(Account::invoices).columns((Account::id, Invoice::id)).all(db)?;
        assert_eq!(rows, [(1, Some(1))]);
        assert_eq!(Invoice::select().scope(1).filter(Invoice::account.any(Account::name.eq("Ann"))).count(db)?, 1);
    }

    fn members_are_those_of_the_tenant(db) {
        fill!(db);
        let invoice = Invoice::find(1).scope(1).one(db)?;
        let labels = Label::select().order_by(Label::id).all(db)?;
        assert_eq!(Invoice::labels.connect(&invoice, &labels).execute(db)?, 2);
        let links = InvoiceLabel::select().scope(1).order_by(InvoiceLabel::label_id).all(db)?;
        assert_eq!(links.iter().map(|link| (link.tenant_id, link.label_id)).collect::<Vec<_>>(), [(1, 1), (1, 2)]);
        // The key says nothing of the tenant.
        let Err(error) = Invoice::labels.connect(&1, &labels).execute(db) else { panic!("whose invoice is it?") };
        assert_eq!(error.to_string(), "members of `labels` of `invoices` cannot be told by their keys alone; give the rows");

        Label::delete().filter(Label::id.eq(1)).execute(db)?;
        let invoice = Invoice::find(1).scope(1).with(Invoice::labels).one(db)?;
        assert_eq!(invoice.labels().iter().map(|label| label.name.as_str()).collect::<Vec<_>>(), ["late"]);
        let late = Label::find(2).with(Label::invoices).one(db)?;
        assert_eq!(late.invoices().len(), 1);
        assert_eq!(Invoice::labels.disconnect(&*invoice, &labels).execute(db)?, 2);
    }

    fn new_rows_get_the_tenant(db) {
        fill!(db);
        let account = NewAccount::new(3, 7, "Cleo").with_new(Account::invoices, [NewInvoice::new(5, 0, 0)]);
        Account::insert_graphs([account]).execute(db)?;
        let invoice = Invoice::find(5).scope(7).one(db)?;
        assert_eq!((invoice.tenant_id, invoice.account_id), (7, 3));
    }
}
