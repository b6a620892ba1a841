package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"maru/app/wire/event"
	"maru/backend/chaos/judge"
)

// answer is one page of the rooms by plain HTTP.
type answer struct {
	posts  []event.Post
	cursor string
}

var plain = &http.Client{Timeout: 20 * time.Second}

// read asks one instance, without anything between.
func read(ctx context.Context, server, room, query string) (answer, error) {
	address := "http://" + server + "/api/rooms/" + url.PathEscape(room) + "/messages?" + query
	for try := 0; ; try++ {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return answer{}, err
		}
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.1.0.%d", try%200+1))
		response, err := plain.Do(r)
		if err != nil {
			return answer{}, err
		}
		var body json.RawMessage
		err = json.NewDecoder(response.Body).Decode(&body)
		response.Body.Close()
		if response.StatusCode == http.StatusTooManyRequests && try < 200 {
			continue // as somebody else
		}
		if err != nil || response.StatusCode != http.StatusOK {
			return answer{}, errors.Join(err, fmt.Errorf("GET %s: %s %s", address, response.Status, body))
		}
		return parse(body)
	}
}

func parse(body json.RawMessage) (a answer, err error) {
	page, err := event.ParsePage(body)
	if err != nil {
		return a, err
	}
	var more struct{ Cursor string }
	err = json.Unmarshal(body, &more)
	return answer{page.Posts, more.Cursor}, err
}

// heads asks for the last message of each room.
func (w *world) heads(ctx context.Context, rooms []string) (map[string]int64, error) {
	heads := map[string]int64{}
	for _, room := range rooms {
		a, err := read(ctx, w.servers[0].Addr(), room, "limit=1")
		if err != nil {
			return nil, err
		}
		for _, p := range a.posts {
			heads[room] = p.Seq
		}
	}
	return heads, nil
}

// readAll reads every room from every instance.
func (w *world) readAll(ctx context.Context, c *crowd) error {
	var errs []error
	for i, s := range w.servers {
		for _, room := range c.rooms {
			errs = append(errs, readRoom(ctx, c.rec, fmt.Sprint("instance", i+1), s.Addr(), room))
		}
	}
	return errors.Join(errs...)
}

func readRoom(ctx context.Context, rec *recorder, name, server, room string) error {
	head, cursor := int64(0), ""
	for {
		a, err := read(ctx, server, room, "limit=100&after="+url.QueryEscape(cursor))
		if err != nil {
			return err
		}
		for _, p := range a.posts {
			head = p.Seq
			l := judge.Line{Op: judge.Log, Who: name, Room: room, Seq: p.Seq, Kind: string(p.Kind), User: p.User, ID: p.ID, At: p.CreatedAt}
			if p.Kind == event.KindText {
				l.Text = p.Text
			}
			rec.add(l)
		}
		if len(a.posts) == 0 {
			break
		}
		cursor = a.cursor
	}
	rec.add(judge.Line{Op: judge.End, Who: name, Room: room, Seq: head})
	return nil
}
