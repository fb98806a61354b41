-- Whether the application's client secret is replaced by Consentry itself, ahead of its end.
ALTER TABLE app_registrations ADD COLUMN auto_rotate BIGINT NOT NULL DEFAULT 0;
