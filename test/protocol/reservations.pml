/*
 * The protocol that keeps a client out of two sessions at once: docs/decisions/client-double-booking.md.
 * docs/protocol.md says what is modelled, what is not, and which code each step stands for.
 *
 * Processes carry out commands of two coaches for one client. At any step a process may be slow for any time, or crash,
 * or lose the answer to its append: then it forgets what it was doing. The command may be sent again, to any process,
 * even while the first one is still under way. No step looks at a clock: at any moment a hold may count as expired at
 * one process and not at another, and the patience with a reservation may be over.
 */

/* How much is searched; run.sh sets it. */
#ifndef PROCESSES
#define PROCESSES 2 /* 2 or 3 */
#endif
#ifndef REQUESTS
#define REQUESTS 3 /* 2 or 3: request 0 books a session at coach 0, 1 holds a slot at coach 1, 2 holds one at coach 0 */
#endif
#ifndef TIMES
#define TIMES 1 /* 1 or 2: every request wants time 0; with 2, sessions are moved to time 1 and back */
#endif
#ifndef IDS
#define IDS 3 /* how many reservations there are at a time, those included that crashes left */
#endif

/* Mistakes in the protocol, one at a time, and what each breaks: run.sh finds it. 0 is the protocol. */
#ifndef MUTANT
#define MUTANT 0
#endif
#define BOOK_BEFORE_RESERVE (MUTANT == 1) /* never_in_two_sessions */
#define RESERVE_AT_ANY_REVISION (MUTANT == 2) /* never_in_two_sessions */
#define BOOK_AT_ANY_REVISION (MUTANT == 3) /* request_takes_effect_once */
#define BOOK_WHAT_IS_ABANDONED (MUTANT == 4) /* never_in_two_sessions */
#define RELEASE_WHEN_ANSWER_IS_LOST (MUTANT == 5) /* never_in_two_sessions */
#define RELEASE_BEFORE_CANCEL (MUTANT == 6) /* never_in_two_sessions */
#define RELEASE_BEFORE_MOVE (MUTANT == 7) /* never_in_two_sessions */
#define RELEASE_WITHOUT_ABANDON (MUTANT == 8) /* never_in_two_sessions */
#define RELEASE_BEFORE_ABANDON (MUTANT == 9) /* never_in_two_sessions */
#define EXPIRE_WITHOUT_EVENT (MUTANT == 10) /* never_in_two_sessions */
#define FORGET_REQUEST_ID (MUTANT == 11) /* request_takes_effect_once */
#define ANSWER_BEFORE_BOOK (MUTANT == 12) /* acknowledged_booking_stands */
#define REFUSE_WITHOUT_SETTLE (MUTANT == 13) /* free_time_can_be_had */
#define NEVER_ABANDON (MUTANT == 14) /* free_time_can_be_had */
#define ABANDON_AT_ANY_REVISION (MUTANT == 15) /* never_in_two_sessions */
#define RESERVE_UNKNOWN_AT_ANY_REVISION (MUTANT == 16) /* never_in_two_sessions */

/*
 * With LIVE, the search is for commands that never end: from any moment on no process crashes, and the patience with a
 * reservation lasts until the process that made it has done with it. Without LIVE, the search is for wrong states.
 */
#ifdef LIVE
bool calm;
#define ready progress_ready
#define crash atomic { !calm; forget() }
#else
#define crash atomic { forget() }
#endif

/* Streams: each is what its events add up to. */

mtype = { None, Held, Booked, Ended };                      /* what has become of a session or hold */
mtype = { Schedule, Hold, Confirm, Give_up, Cancel, Move }; /* commands */
mtype = { Nothing, Pending };                               /* answers of a coach, beside Held and Booked */

#define coachOf(q) ((q) % 2)
#define CLIENT 2 /* the stream after those of coach 0 and coach 1 */

/* A coach's stream: the session or hold of each request, and the reservations that may not be used any more. */
typedef Session { mtype state = None; bit time; byte reservation };
Session session[REQUESTS];
bool abandoned[IDS + 1];

/* The client's stream: which time is reserved, for which request. Reservation 0 is none. */
typedef Reservation { bool reserved; bit time; byte request };
Reservation reservation[IDS + 1];
bool hasStream; /* Whether the client's stream has an event: else it is at no revision. */

/*
 * Revisions: an append needs that its writer has read the latest event. More is never asked of a revision, so it is
 * enough to know who has: bit p of a stream stands for process p.
 */
byte latest[3];

inline read(stream) { latest[stream] = latest[stream] | (1 << me) }

#define hasLatest(stream) ((latest[stream] >> me) & 1)

inline appended(stream) { latest[stream] = 0 }

inline forgetRevisions() {
  latest[0] = latest[0] & ~(1 << me);
  latest[1] = latest[1] & ~(1 << me);
  latest[CLIENT] = latest[CLIENT] & ~(1 << me)
}

/* What must always be true. */

bool never_in_two_sessions = true;
bool acknowledged_booking_stands = true;
bool request_takes_effect_once = true;
bool free_time_can_be_had = true;

#define takesTime(q) (session[q].state == Held || session[q].state == Booked)
#define apart(q, other) (!(takesTime(q) && takesTime(other) && session[q].time == session[other].time))

inline checkSessions() {
#if REQUESTS == 2
  never_in_two_sessions = apart(0, 1);
#else
  never_in_two_sessions = apart(0, 1) && apart(0, 2) && apart(1, 2);
#endif
  assert(never_in_two_sessions)
}

/* The caller learns that the request is accepted: only if it is. */
inline acknowledge() {
  acknowledged_booking_stands = (session[request].state != None);
  assert(acknowledged_booking_stands)
}

/* Ids of reservations. They are always new; here an id is new again when nothing remembers it. */

byte own[PROCESSES];       /* what the process has reserved for its command */
byte inTheWay[PROCESSES];  /* what the process has found in the way of its command */
byte toRelease[PROCESSES]; /* what the process is about to release: bit r for reservation r */

#define isNamedBy(p, r) (own[p] == r || inTheWay[p] == r || ((toRelease[p] >> (r)) & 1))
#if PROCESSES == 2
#define isNamed(r) (isNamedBy(0, r) || isNamedBy(1, r))
#else
#define isNamed(r) (isNamedBy(0, r) || isNamedBy(1, r) || isNamedBy(2, r))
#endif

#define uses(q, r) (session[q].reservation == r && takesTime(q))
#if REQUESTS == 2
#define isUsed(r) (uses(0, r) || uses(1, r))
#else
#define isUsed(r) (uses(0, r) || uses(1, r) || uses(2, r))
#endif

#ifdef LIVE
#define isOwn(r) (own[0] == r || own[1] == r)
#else
#define isOwn(r) false
#endif

#define isNew(r) (!reservation[r].reserved && !isNamed(r) && !isUsed(r))

inline forgetIds() {
  for (i : 1 .. IDS) {
    if
    :: isNew(i) ->
       abandoned[i] = false;
       reservation[i].time = 0;
       reservation[i].request = 0;
       for (j : 0 .. REQUESTS - 1) {
         if
         :: session[j].reservation == i -> session[j].reservation = 0
         :: else
         fi
       }
    :: else
    fi
  }
  i = 0;
  j = 0
}

/* 0 when all are in use: then the command has to wait. */
inline newId(id) {
  forgetIds();
  i = 1;
  do
  :: i <= IDS && !isNew(i) -> i++
  :: else -> break
  od;
  id = (i <= IDS -> i : 0);
  i = 0
}

/* Questions to the streams. */

/* The session or hold of the coach that takes a time; REQUESTS when there is none. */
inline wayOf(coach, wanted, except) {
  way = 0;
  do
  :: way < REQUESTS && !(coachOf(way) == coach && way != except && takesTime(way) && session[way].time == wanted) ->
     way++
  :: else -> break
  od
}

/* The first reservation of a time for the other coach; 0 when there is none. */
inline blockedBy(coach, wanted, found) {
  i = 1;
  do
  :: i <= IDS && !(reservation[i].reserved && reservation[i].time == wanted &&
       coachOf(reservation[i].request) != coach) -> i++
  :: else -> break
  od;
  found = (i <= IDS -> i : 0);
  i = 0
}

#define sessionOf(r) reservation[r].request

/* What the coach uses a reservation for. */
inline settleReservation(id) {
  if
  :: abandoned[id] -> use = Nothing
  :: !abandoned[id] && session[sessionOf(id)].reservation != id -> use = Pending
  :: !abandoned[id] && session[sessionOf(id)].reservation == id ->
     use = (session[sessionOf(id)].state == Ended -> Nothing : session[sessionOf(id)].state)
  fi
}

/* Events. */

inline timeReserved(id) {
  printf("process %d: client: TimeReserved %d for request %d at time %d\n", me, id, request, time);
  reservation[id].reserved = true;
  reservation[id].time = time;
  reservation[id].request = request;
  hasStream = true;
  appended(CLIENT)
}

inline timeReleased(id) {
  printf("process %d: client: TimeReleased %d\n", me, id);
  reservation[id].reserved = false;
  appended(CLIENT)
}

inline holdExpired(q) {
  acknowledged_booking_stands = (session[q].state == Held);
  assert(acknowledged_booking_stands); /* A confirmed hold does not expire. */
  session[q].state = Ended
}

inline reservationAbandoned(id) { abandoned[id] = true }

/* The process remembers nothing: it has answered, or the answer to its append is lost, or it has crashed. */
inline forget() {
  own[me] = 0;
  inTheWay[me] = 0;
  toRelease[me] = 0;
  request = 0;
  command = 0;
  time = 0;
  expiring = 0;
  forgetRevisions();
  forgetIds();
  goto ready
}

/* Appends the reservation, and goes on. A coach that booked first has an id already. */
inline reserveTime() {
  if
  :: own[me] == 0 -> newId(own[me])
  :: else
  fi;
  if
  :: own[me] == 0 -> forget()
  :: else
  fi;
  timeReserved(own[me]);
  if
  :: BOOK_BEFORE_RESERVE -> goto release
  :: RELEASE_BEFORE_MOVE && command == Move -> timeReleased(session[request].reservation)
  :: else
  fi;
  goto book
}

/* Steps: each is a decision against a stream or an append to one, and takes place at one moment. */

proctype process(byte me) {
  byte request;
  mtype command;
  bit time;      /* the time that the command wants */
  byte expiring; /* 1 + the request whose expired hold gives way to the command */
  mtype use;
  byte way, i, j;

ready: /* A command comes, perhaps not for the first time. */
  atomic {
    if
    :: goto end
    :: request = 0
    :: request = 1
    :: REQUESTS == 3 -> request = 2
    fi;
    if
    :: command = (request == 0 -> Schedule : Hold)
    :: session[request].state == Held -> command = Confirm
    :: session[request].state == Held -> command = Give_up
    :: session[request].state == Booked -> command = Cancel
    :: session[request].state == Booked && TIMES == 2 -> command = Move
    :: session[request].state == Booked && TIMES == 2 -> command = Move; time = 1
    fi;
    goto decide
  }

decide: /* read the coach's stream and decide */
  atomic {
    forgetRevisions();
    read(coachOf(request));
    expiring = 0;
    if
    :: (command == Schedule || command == Hold) && session[request].state != None && !FORGET_REQUEST_ID ->
       goto refused /* It was accepted before, and gets the first answer. */
    :: (command == Move || command == Cancel) && session[request].state != Booked -> goto refused
    :: (command == Confirm || command == Give_up) && session[request].state != Held -> goto refused
    :: (command == Confirm || command == Give_up) && session[request].state == Held ->
       if
       :: goto refused /* expired by this clock */
       :: goto book
       fi
    :: command == Cancel && session[request].state == Booked ->
       if
       :: RELEASE_BEFORE_CANCEL -> timeReleased(session[request].reservation)
       :: else
       fi;
       goto book
    :: else
    fi;

    if
    :: own[me] > 0 && abandoned[own[me]] && !BOOK_WHAT_IS_ABANDONED -> goto outdated
    :: else
    fi;

    wayOf(coachOf(request), time, request);
    if
    :: way == REQUESTS
    :: way < REQUESTS && session[way].state == Held -> expiring = way + 1 /* expired by this clock */
    :: way < REQUESTS -> way = 0; goto refused
    fi;
    way = 0;

    if
    :: own[me] > 0 || BOOK_BEFORE_RESERVE -> goto book
    :: else -> goto reserve
    fi
  }

reserve: /* The client is in memory, or is not; then it is taken for a new one. */
  atomic {
    if
    :: goto known
    :: goto unknown
    fi
  }

unknown: /* append TimeReserved to the client's stream, which must not be there yet: nothing is read */
  if
  :: atomic { !hasStream || RESERVE_UNKNOWN_AT_ANY_REVISION; reserveTime() }
  :: atomic { hasStream && !RESERVE_UNKNOWN_AT_ANY_REVISION; goto known }
  :: crash
  fi;

known: /* read the client's stream, decide, and append TimeReserved to it */
  atomic {
    read(CLIENT);
    blockedBy(coachOf(request), time, inTheWay[me]);
    if
    :: inTheWay[me] > 0 && REFUSE_WITHOUT_SETTLE -> goto refused
    :: inTheWay[me] > 0 && !REFUSE_WITHOUT_SETTLE -> forgetRevisions(); goto settle
    :: else
    fi
  }
  if
  :: atomic {
       hasLatest(CLIENT) || RESERVE_AT_ANY_REVISION;
       reserveTime()
     }
  :: atomic { !hasLatest(CLIENT); goto known }
  :: crash
  fi;

book: /* append to the coach's stream */
  if
  :: atomic {
       hasLatest(coachOf(request)) || BOOK_AT_ANY_REVISION;
       if
       :: BOOK_BEFORE_RESERVE && (command == Schedule || command == Hold) -> newId(own[me])
       :: else
       fi;
       printf("process %d: coach %d: %e request %d, reservation %d\n", me, coachOf(request), command, request, own[me]);
       if
       :: expiring > 0 ->
          holdExpired(expiring - 1);
          toRelease[me] = toRelease[me] | (1 << session[expiring - 1].reservation)
       :: else
       fi;
       if
       :: command == Schedule || command == Hold ->
          request_takes_effect_once = (session[request].state == None);
          assert(request_takes_effect_once);
          session[request].state = (command == Hold -> Held : Booked);
          session[request].time = time;
          session[request].reservation = own[me]
       :: command == Move ->
          toRelease[me] = toRelease[me] | (1 << session[request].reservation);
          session[request].time = time;
          session[request].reservation = own[me]
       :: command == Confirm -> session[request].state = Booked
       :: command == Cancel || command == Give_up ->
          toRelease[me] = toRelease[me] | (1 << session[request].reservation);
          session[request].state = Ended
       fi;
       appended(coachOf(request));
       checkSessions();
       if
       :: BOOK_BEFORE_RESERVE && own[me] > 0 -> goto reserve
       :: RELEASE_WHEN_ANSWER_IS_LOST && own[me] > 0 -> goto refused
       :: true -> goto release
       fi
     }
  :: atomic { !hasLatest(coachOf(request)) && !BOOK_AT_ANY_REVISION; goto decide }
  :: atomic { ANSWER_BEFORE_BOOK; acknowledge(); forget() }
  :: crash
  fi;

refused: /* Nothing was appended to the coach's stream: what is reserved is not needed. */
  atomic {
    forgetRevisions();
    inTheWay[me] = 0;
    if
    :: own[me] > 0 && reservation[own[me]].reserved -> toRelease[me] = toRelease[me] | (1 << own[me])
    :: else
    fi;
    goto release
  }

release: /* append TimeReleased to the client's stream, then answer */
  if
  :: atomic {
       for (i : 1 .. IDS) {
         if
         :: (toRelease[me] >> i) & 1 -> timeReleased(i)
         :: else
         fi
       }
       if
       :: session[request].state != None -> acknowledge()
       :: else
       fi;
       forget()
     }
  :: crash
  fi;

outdated: /* The reservation was abandoned: release it and begin again with a new one. */
  if
  :: atomic { timeReleased(own[me]); own[me] = 0; goto decide }
  :: crash
  fi;

settle: /* read the stream of the coach for whom the reservation in the way was made */
  if
  :: atomic {
       forgetRevisions();
       read(coachOf(sessionOf(inTheWay[me])));
       settleReservation(inTheWay[me]);
       if
       :: use == Nothing -> use = 0; forgetRevisions(); goto settled
       :: use == Booked || use == Held -> use = 0; goto refused
       :: use == Held && EXPIRE_WITHOUT_EVENT -> use = 0; forgetRevisions(); goto settled
       :: use == Held && !EXPIRE_WITHOUT_EVENT -> use = 0; goto abandon /* expired by this clock */
       :: use == Pending && NEVER_ABANDON -> use = 0; goto settle
       :: use == Pending && !NEVER_ABANDON -> /* Patience is over. */
          use = 0;
          if
          :: RELEASE_WITHOUT_ABANDON -> forgetRevisions(); goto settled
          :: RELEASE_BEFORE_ABANDON -> timeReleased(inTheWay[me])
          :: else
          fi;
          goto abandon
       fi
     }
  :: crash
  fi;

abandon: /* append HoldExpired or ReservationAbandoned to that stream: nothing after it can use the reservation */
  if
  :: atomic {
       (hasLatest(coachOf(sessionOf(inTheWay[me]))) || ABANDON_AT_ANY_REVISION) && !isOwn(inTheWay[me]);
       settleReservation(inTheWay[me]);
       printf("process %d: coach %d: %e reservation %d ends\n", me, coachOf(sessionOf(inTheWay[me])), use, inTheWay[me]);
       if
       :: use == Held -> holdExpired(sessionOf(inTheWay[me]))
       :: else -> reservationAbandoned(inTheWay[me])
       fi;
       use = 0;
       appended(coachOf(sessionOf(inTheWay[me])))
     }
  :: atomic { !hasLatest(coachOf(sessionOf(inTheWay[me]))); goto settle }
  :: crash
  fi;

settled: /* append TimeReleased to the client's stream, and try again */
  if
  :: atomic { timeReleased(inTheWay[me]); inTheWay[me] = 0; goto decide }
  :: crash
  fi;

end: /* No command comes any more. */
  false
}

/*
 * Somebody who wants time of the client, in whatever state the processes leave the streams when they stop. It is alone
 * and waits until holds have expired. Then either a session takes the time or the time can be reserved. The probe
 * leaves no trace: it puts everything back, so that it may come at any moment without adding a state.
 */
#if MUTANT == 0
#define NO_STATE hidden
#else
#define NO_STATE /* The search for the shortest trace knows no hidden variables. */
#endif
NO_STATE mtype stateBefore[REQUESTS];
NO_STATE byte reservedBefore[IDS + 1];
NO_STATE byte abandonedBefore[IDS + 1];
NO_STATE byte latestBefore[3];

inline keepAll() {
  for (i : 0 .. REQUESTS - 1) { stateBefore[i] = session[i].state }
  for (i : 0 .. IDS) { reservedBefore[i] = reservation[i].reserved; abandonedBefore[i] = abandoned[i] }
  for (i : 0 .. 2) { latestBefore[i] = latest[i] }
  i = 0
}

inline putBackAll() {
  for (i : 0 .. REQUESTS - 1) { session[i].state = stateBefore[i]; stateBefore[i] = 0 }
  for (i : 0 .. IDS) {
    reservation[i].reserved = reservedBefore[i];
    abandoned[i] = abandonedBefore[i];
    reservedBefore[i] = 0;
    abandonedBefore[i] = 0
  }
  for (i : 0 .. 2) { latest[i] = latestBefore[i]; latestBefore[i] = 0 }
  i = 0
}

#define PROBE 7
#define isBookedAt(q, wanted) (session[q].state == Booked && session[q].time == wanted)
#if REQUESTS == 2
#define isTaken(wanted) (isBookedAt(0, wanted) || isBookedAt(1, wanted))
#else
#define isTaken(wanted) (isBookedAt(0, wanted) || isBookedAt(1, wanted) || isBookedAt(2, wanted))
#endif

inline want(coach, wanted) {
  keepAll();
  do
  :: blockedBy(coach, wanted, found);
     if
     :: found == 0 || REFUSE_WITHOUT_SETTLE -> break
     :: else -> settleReservation(found)
     fi;
     if
     :: use == Booked || (use == Pending && NEVER_ABANDON) -> break
     :: use == Held -> holdExpired(sessionOf(found)); timeReleased(found)
     :: use == Pending && !NEVER_ABANDON -> reservationAbandoned(found); timeReleased(found)
     :: use == Nothing -> timeReleased(found)
     fi
  od;
  free_time_can_be_had = (found == 0 || isTaken(wanted));
  assert(free_time_can_be_had);
  use = 0;
  found = 0;
  putBackAll()
}

proctype probe(byte me) {
  mtype use;
  byte found, i;
end:
  do
  :: d_step {
       want(0, 0);
       want(1, 0);
       if
       :: TIMES == 2 -> want(0, 1); want(1, 1)
       :: else
       fi
     }
  od
}

init {
  atomic {
    run process(0);
    run process(1);
    if
    :: PROCESSES == 3 -> run process(2)
    :: else
    fi;
#ifndef LIVE
    run probe(PROBE)
#endif
  }
#ifdef LIVE
  calm = true
#endif
}
