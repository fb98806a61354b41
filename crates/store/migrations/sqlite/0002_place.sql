-- Where in Dynamics 365 a connection goes, as JSON: the environment's address or name, and a company.
-- Null where nothing is said, as in every row of the version before, which neither reads nor writes it.
ALTER TABLE connections ADD COLUMN place TEXT;
