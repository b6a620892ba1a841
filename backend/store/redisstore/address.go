package redisstore

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// ioTimeout bounds each read and write of a call whose context sets no earlier
// end; a Redis that answers at all is far quicker.
const ioTimeout = 3 * time.Second

// target is where Open goes: one of the three is set.
type target struct {
	Options
	single   *redis.Options
	sentinel *redis.FailoverOptions
	cluster  *redis.ClusterOptions
}

var errAddress = errors.New("the address is not of the form redis://host:port/database")

// parse reads an address. Its errors do not quote it: it may hold a password.
func parse(address string, o Options) (*target, error) {
	u, err := url.Parse(address)
	if err != nil || !IsAddress(address) {
		return nil, errAddress
	}
	t := &target{Options: o}
	q := u.Query()
	if err := t.own(q); err != nil {
		return nil, err
	}
	scheme, kind, _ := strings.Cut(u.Scheme, "+")
	u.Scheme = scheme
	switch kind {
	case "sentinel":
		err = t.parseSentinel(u, q)
	case "cluster":
		u.RawQuery = q.Encode()
		t.cluster, err = redis.ParseClusterURL(u.String())
		if err == nil && t.Replicas > 0 {
			err = errors.New("replicas: a Redis Cluster can't be asked to wait for them")
		}
	default:
		u.RawQuery = q.Encode()
		t.single, err = redis.ParseURL(u.String())
	}
	if err != nil {
		return nil, withoutPassword(err, u)
	}
	return t, nil
}

// own takes the parameters of Options out of q.
func (t *target) own(q url.Values) (err error) {
	take := func(name string) string {
		defer q.Del(name)
		return q.Get(name)
	}
	if p := take("prefix"); p != "" {
		t.Prefix = p
	}
	if t.Prefix == "" {
		t.Prefix = defaultPrefix
	}
	if strings.ContainsAny(t.Prefix, "{}") {
		return errors.New("prefix: a brace can't be in it")
	}
	if n := take("replicas"); n != "" {
		if t.Replicas, err = strconv.Atoi(n); err != nil || t.Replicas < 0 {
			return fmt.Errorf("replicas: %q is not a number from 0", n)
		}
	}
	if b := take("synced"); b != "" {
		if t.Synced, err = strconv.ParseBool(b); err != nil {
			return fmt.Errorf("synced: %q is neither true nor false", b)
		}
	}
	if d := take("replica_timeout"); d != "" {
		if t.ReplicaTimeout, err = time.ParseDuration(d); err != nil || t.ReplicaTimeout <= 0 {
			return fmt.Errorf("replica_timeout: %q is not a time such as 500ms", d)
		}
	}
	if t.ReplicaTimeout <= 0 {
		t.ReplicaTimeout = defaultReplicaTimeout
	}
	return nil
}

// parseSentinel gives go-redis the form that it knows: there the user of the
// address is the one of the Sentinels.
func (t *target) parseSentinel(u *url.URL, q url.Values) (err error) {
	if q.Get("master") == "" {
		return errors.New("master: the name of the Sentinels' master is missing")
	}
	q.Set("master_name", q.Get("master"))
	if u.User != nil {
		q.Set("username", u.User.Username())
		if password, ok := u.User.Password(); ok {
			q.Set("password", password)
		}
	}
	u.User = nil
	if p := q.Get("sentinel_password"); p != "" {
		u.User = url.UserPassword(q.Get("sentinel_username"), p)
	}
	for _, name := range []string{"master", "sentinel_username", "sentinel_password"} {
		q.Del(name)
	}
	if u.Port() == "" {
		u.Host += ":26379"
	}
	u.RawQuery = q.Encode()
	t.sentinel, err = redis.ParseFailoverURL(u.String())
	return err
}

// withoutPassword takes whatever may quote the address out of err.
func withoutPassword(err error, u *url.URL) error {
	var quoting *url.Error
	password, _ := u.User.Password()
	if errors.As(err, &quoting) || password != "" && strings.Contains(err.Error(), password) {
		return errAddress
	}
	return err
}

// client is a client for t. The protocol is RESP2 in all: a subscriber's
// connection then carries what was published and nothing else. One retry hides
// a connection that Redis has closed meanwhile; every call is safe to repeat.
func (t *target) client() redis.UniversalClient {
	timeout := max(ioTimeout, 2*t.ReplicaTimeout)
	set := func(protocol, retries *int, read, write *time.Duration, heed, bare *bool) {
		*protocol, *heed, *bare = 2, true, true
		if *retries == 0 {
			*retries = 1
		}
		if *read == 0 {
			*read = timeout
		}
		if *write == 0 {
			*write = timeout
		}
	}
	switch {
	case t.sentinel != nil:
		o := t.sentinel
		set(&o.Protocol, &o.MaxRetries, &o.ReadTimeout, &o.WriteTimeout, &o.ContextTimeoutEnabled, &o.DisableIdentity)
		return redis.NewFailoverClient(o)
	case t.cluster != nil:
		o := t.cluster
		set(&o.Protocol, &o.MaxRetries, &o.ReadTimeout, &o.WriteTimeout, &o.ContextTimeoutEnabled, &o.DisableIdentity)
		return redis.NewClusterClient(o)
	}
	o := t.single
	set(&o.Protocol, &o.MaxRetries, &o.ReadTimeout, &o.WriteTimeout, &o.ContextTimeoutEnabled, &o.DisableIdentity)
	return redis.NewClient(o)
}
