-- Null for what was booked before, and by the release before.
alter table read_model.series add zone_rules_version text;
