package sample

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"exhibit/internal/sample/tape"
)

// A Server plays a tape on a loopback address of its own.
type Server struct {
	player *tape.Player
	at     time.Time
	http   *http.Server
	url    string
	done   chan error
}

// Serve begins to play a tape ("2026-q1") on 127.0.0.1, on a port the system
// chooses. Requests the tape has no answer to get 501 and are remembered.
func Serve(name string) (*Server, error) {
	t, err := load(name)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening on loopback: %w", err)
	}
	p := tape.NewPlayer(t, accountOf)
	s := &Server{player: p, at: t.At, http: &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}, url: "http://" + l.Addr().String(), done: make(chan error, 1)}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

// URL is the address to give the SDK as its endpoint.
func (s *Server) URL() string { return s.url }

// At is the time the tape's answers were given.
func (s *Server) At() time.Time { return s.at }

// Misses are the requests the tape had no answer to, by key, sorted.
func (s *Server) Misses() []string { return s.player.Misses() }

// Unplayed are the answers of the tape that nobody asked for, by key, sorted.
func (s *Server) Unplayed() []string { return s.player.Unplayed() }

// Close stops the server at once: Shutdown would wait for connections that the
// SDK dialled and never used.
func (s *Server) Close() error {
	if err := s.http.Close(); err != nil {
		return fmt.Errorf("stopping the sample's server: %w", err)
	}
	if err := <-s.done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the sample: %w", err)
	}
	return nil
}

func load(name string) (*tape.Tape, error) {
	if !slices.Contains(tapes[:], name) {
		return nil, fmt.Errorf("unknown tape %q: the sample has %s", name, strings.Join(tapes[:], ", "))
	}
	if HostAlone(name) {
		return read(name + "-forge")
	}
	t, err := read(name)
	if err != nil {
		return nil, err
	}
	host, err := read(name + "-forge") // what the code host answered at the same time
	if err != nil {
		return nil, err
	}
	for key, answers := range host.Answers {
		for _, a := range answers {
			t.Add(key, a)
		}
	}
	return t, nil
}

func read(name string) (*tape.Tape, error) {
	f, err := content.Open("tapes/" + name + ".jsonl.gz")
	if err != nil {
		return nil, fmt.Errorf("opening tape %q: %w", name, err)
	}
	t, err := tape.Read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("reading tape %q: %w", name, err)
	}
	return t, nil
}
