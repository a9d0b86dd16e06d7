// What a team that cares for speed would write: net/http, pgx, and the exclusion constraints of the Fastify peers, with
// the same JSON, checked as strictly, the same SQL and a log line for each request. GUARDS, INSERT_MODE, POOL_SIZE and
// DATABASE_URL mean what they mean there.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/google/uuid"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	size, err := strconv.Atoi(or(os.Getenv("POOL_SIZE"), "20"))
	if err != nil {
		return err
	}
	bookings, err := openBookings(ctx, options{
		url:           os.Getenv("DATABASE_URL"),
		size:          int32(size),
		guardsClients: os.Getenv("GUARDS") != "coaches",
		onConflict:    os.Getenv("INSERT_MODE") == "on-conflict",
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	uuid.EnableRandPool()
	log := newLog(os.Stdout)
	server := &http.Server{Handler: newHandler(bookings, log)}
	go server.Serve(listener)
	fmt.Fprintf(os.Stderr, "http://%s ready\n", listener.Addr())
	<-ctx.Done()
	server.Close()
	return log.flush()
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
