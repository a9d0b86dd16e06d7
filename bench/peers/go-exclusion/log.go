package main

import (
	"bufio"
	"io"
	"log/slog"
	"sync"
	"time"
)

const flushInterval = 5 * time.Millisecond

// requestLog writes a line of JSON for each request. Lines are written together, every few milliseconds.
type requestLog struct {
	*slog.Logger
	mutex  sync.Mutex
	buffer *bufio.Writer
}

func newLog(out io.Writer) *requestLog {
	log := &requestLog{buffer: bufio.NewWriterSize(out, 1<<16)}
	log.Logger = slog.New(slog.NewJSONHandler(log, nil))
	go func() {
		for range time.Tick(flushInterval) {
			log.flush()
		}
	}()
	return log
}

func (log *requestLog) Write(line []byte) (int, error) {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	return log.buffer.Write(line)
}

func (log *requestLog) flush() error {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	return log.buffer.Flush()
}
