-- Null for what was asked for before callers were authenticated, and in the rows of older versions of the service. The
-- table requests stays as it is: older versions write it by its primary key.
alter table read_model.availability_history add subject text;
alter table read_model.session_history add subject text;
