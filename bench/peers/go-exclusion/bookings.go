package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	exclusionViolation = "23P01"
	deadlock           = "40P01"
	attempts           = 5
)

var errTooBusy = errors.New("too many want this time at once")

// interval is a time that is taken.
type interval struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// errTaken says that the coach or the client has a session at that time.
type errTaken struct{ interval *interval }

func (errTaken) Error() string { return "the coach or the client has a session at that time" }

type options struct {
	url           string
	size          int32
	guardsClients bool
	onConflict    bool
}

// bookings keeps sessions in Postgres, which refuses what overlaps.
type bookings struct {
	pool          *pgxpool.Pool
	guardsClients bool
	insertSession string
	inTheWay      string
}

// openBookings connects and creates the table.
func openBookings(ctx context.Context, options options) (*bookings, error) {
	config, err := pgxpool.ParseConfig(options.url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = options.size
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	files := []string{"sessions", "coach-is-free"}
	if options.guardsClients {
		files = append(files, "client-is-free")
	}
	for _, name := range files {
		text, err := sql(name)
		if err != nil {
			return nil, err
		}
		// Without values, so that Postgres takes several statements at once.
		if _, err := pool.Exec(ctx, text, pgx.QueryExecModeSimpleProtocol); err != nil {
			return nil, err
		}
	}
	insertSession, err := sql("insert-session")
	if err != nil {
		return nil, err
	}
	if options.onConflict {
		insertSession += "on conflict do nothing"
	}
	whose := "coach_hash_id = $1"
	if options.guardsClients {
		whose = "(coach_hash_id = $1 or client_hash_id = $4)"
	}
	return &bookings{
		pool:          pool,
		guardsClients: options.guardsClients,
		insertSession: insertSession,
		inTheWay: fmt.Sprintf(`
			select lower(during), upper(during) from sessions
			where %s and during && tstzrange($2, $3)
			order by 1 limit 1`, whose),
	}, nil
}

// book keeps a session, or returns errTaken, or errTooBusy when deadlocks came too often.
func (b *bookings) book(ctx context.Context, s *session) error {
	end := s.Start.Add(time.Duration(s.Duration) * time.Minute)
	for attempt := 1; attempt <= attempts; attempt++ {
		tag, err := b.pool.Exec(ctx, b.insertSession,
			s.ID, s.CoachHashID, s.ClientHashID, s.Start, s.Duration, s.CreatedAt, end)
		if err == nil && tag.RowsAffected() == 1 {
			return nil
		}
		var refused *pgconn.PgError
		switch {
		case err == nil, errors.As(err, &refused) && refused.Code == exclusionViolation:
			return b.taken(ctx, s, end)
		case refused == nil || refused.Code != deadlock:
			return err
		}
		time.Sleep(time.Duration(rand.Int64N(20 * int64(attempt) * int64(time.Millisecond))))
	}
	return errTooBusy
}

// taken finds what is in the way, for the answer.
func (b *bookings) taken(ctx context.Context, s *session, end time.Time) error {
	values := []any{s.CoachHashID, s.Start, end}
	if b.guardsClients {
		values = append(values, s.ClientHashID)
	}
	var found interval
	err := b.pool.QueryRow(ctx, b.inTheWay, values...).Scan(&found.Start, &found.End)
	if errors.Is(err, pgx.ErrNoRows) {
		return errTaken{}
	}
	if err != nil {
		return err
	}
	return errTaken{&interval{found.Start.UTC(), found.End.UTC()}}
}

func sql(name string) (string, error) {
	text, err := os.ReadFile("bench/peers/" + name + ".sql")
	return string(text), err
}
