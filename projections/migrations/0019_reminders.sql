-- Null in all rows but those of reminders, which no older version of the service can project.
alter table read_model.session_history add offset_minutes integer;

-- How far the reminders have come. It is no table of the projection: a rebuild leaves it.
create table read_model.reminder_offsets (
  offset_minutes integer primary key,
  since timestamptz not null,
  told_up_to timestamptz not null,
  position bigint not null
);

comment on table read_model.reminder_offsets is
  'The reminders that the service makes, one row for each offset in REMINDER_OFFSETS, and how far they have come. The '
  'service keeps it; a rebuild leaves it as it is.';
comment on column read_model.reminder_offsets.offset_minutes is 'How many minutes before the start they are due.';
comment on column read_model.reminder_offsets.since is
  'When the offset was added to the setting. Reminders that were due at or before it are never made.';
comment on column read_model.reminder_offsets.told_up_to is
  'All that were due at or before it are made, of the sessions booked or moved up to the position.';
comment on column read_model.reminder_offsets.position is
  'The place in the whole log up to which bookings and moves were looked at.';
