package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const bodyLimit = 256 * 1024

// session is what an answer has of a session.
type session struct {
	ID           uuid.UUID `json:"id"`
	CoachHashID  string    `json:"coach_hash_id"`
	ClientHashID string    `json:"client_hash_id"`
	Start        time.Time `json:"start"`
	Duration     int       `json:"duration"`
	State        string    `json:"state"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	Etag         string    `json:"etag"`
	SeriesID     string    `json:"series_id"`
	Occurrence   int       `json:"occurrence"`
	CancelledBy  string    `json:"cancelled_by"`
	Absent       string    `json:"absent"`
	Reason       string    `json:"reason"`
}

type bookingAnswer struct {
	Session          *session `json:"session"`
	ConsistencyToken string   `json:"consistency_token"`
}

// problem is an error as RFC 9457 has it.
type problem struct {
	Type          string    `json:"type"`
	Status        int       `json:"status"`
	Detail        string    `json:"detail"`
	Interval      *interval `json:"interval,omitempty"`
	CorrelationID string    `json:"correlation_id"`
}

// bookingRequest has pointers for what must be there.
type bookingRequest struct {
	Session *struct {
		CoachHashID  *string    `json:"coach_hash_id"`
		ClientHashID *string    `json:"client_hash_id"`
		Start        *time.Time `json:"start"`
		Duration     *int       `json:"duration"`
	} `json:"session"`
	RequestID string `json:"request_id"`
}

// newHandler serves bookings.
func newHandler(bookings *bookings, log *requestLog) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/sessions", func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		correlationID := r.Header.Get("X-Correlation-Id")
		if correlationID == "" {
			correlationID = uuid.Must(uuid.NewV7()).String()
		}
		w.Header().Set("X-Correlation-Id", correlationID)
		status, answer := answerTo(bookings, w, r)
		contentType := "application/json; charset=utf-8"
		if refusal, ok := answer.(*problem); ok {
			refusal.CorrelationID = correlationID
			contentType = "application/problem+json"
		}
		body, err := json.Marshal(answer)
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		w.Write(body)
		log.Info("answered", "reqId", correlationID, "status", status,
			"ms", float64(time.Since(began).Microseconds())/1000, "url", r.URL.Path)
	})
	return mux
}

func answerTo(bookings *bookings, w http.ResponseWriter, r *http.Request) (int, any) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return refuse(http.StatusRequestEntityTooLarge, err)
	}
	s, err := read(body)
	if err != nil {
		return refuse(http.StatusBadRequest, err)
	}
	err = bookings.book(r.Context(), s)
	var taken errTaken
	switch {
	case err == nil:
		w.Header().Set("Location", "/api/v1/sessions/"+s.ID.String())
		return http.StatusCreated, bookingAnswer{Session: s}
	case errors.As(err, &taken):
		return http.StatusConflict, &problem{
			Type: "about:blank", Status: http.StatusConflict, Detail: err.Error(), Interval: taken.interval,
		}
	case errors.Is(err, errTooBusy):
		w.Header().Set("Retry-After", "1")
		return refuse(http.StatusServiceUnavailable, err)
	default:
		return refuse(http.StatusInternalServerError, err)
	}
}

func refuse(status int, err error) (int, any) {
	return status, &problem{Type: "about:blank", Status: status, Detail: err.Error()}
}

// read checks a request and makes the session that it asks for.
func read(body []byte) (*session, error) {
	var request bookingRequest
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("the body must be one JSON object")
	}
	wanted := request.Session
	switch {
	case wanted == nil || wanted.CoachHashID == nil || wanted.ClientHashID == nil || wanted.Start == nil ||
		wanted.Duration == nil:
		return nil, errors.New("session must have coach_hash_id, client_hash_id, start and duration")
	case !isHashID(*wanted.CoachHashID):
		return nil, fmt.Errorf("coach_hash_id is no id: %q", *wanted.CoachHashID)
	case !isHashID(*wanted.ClientHashID):
		return nil, fmt.Errorf("client_hash_id is no id: %q", *wanted.ClientHashID)
	case *wanted.Duration < 1 || *wanted.Duration > 1440:
		return nil, fmt.Errorf("duration must be 1 to 1440 minutes; got %d", *wanted.Duration)
	case !isRequestID(request.RequestID):
		return nil, fmt.Errorf("request_id must be at most 128 printable characters: %q", request.RequestID)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &session{
		ID: id, CoachHashID: *wanted.CoachHashID, ClientHashID: *wanted.ClientHashID, Start: *wanted.Start,
		Duration: *wanted.Duration, State: "SESSION_STATE_SCHEDULED", CreatedAt: now, UpdatedAt: now,
		Etag: "0", CancelledBy: "PARTY_UNSPECIFIED", Absent: "PARTY_UNSPECIFIED",
	}, nil
}

func isHashID(text string) bool {
	if len(text) < 1 || len(text) > 128 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case c == '.', c == '_', c == '~', c == ':', c == '-':
		default:
			return false
		}
	}
	return true
}

func isRequestID(text string) bool {
	for i := range len(text) {
		if text[i] < '!' || text[i] > '~' {
			return false
		}
	}
	return len(text) <= 128
}
