package chat

import (
	"encoding/json"
	"time"

	"maru/app/wire/event"
)

// Passing is how far it is with a pass, by which another device of the person's becomes
// the same person.
type Passing struct {
	Pass    string    // was made here, for another device
	Until   time.Time // when it ends
	Taken   bool      // the server gives what the one of another device stands for: Become takes it
	Refusal *event.Error
}

// passing is what is wanted of passes, and what came of it.
type passing struct {
	Passing
	round int    // what is wanted: answers to what was wanted before say nothing
	ask   func() // nil: nothing is wanted any more
	token string // of who has made the pass
}

// MakePass asks for a pass, for Passing; without a connection once there is one.
func (c *Client) MakePass() { c.wantPass(c.makePassLocked) }

// TakePass asks for what a pass stands for. Nothing changes before Become.
func (c *Client) TakePass(pass string) { c.wantPass(func() { c.takePassLocked(pass) }) }

// DropPass gives up what was asked for with TakePass.
func (c *Client) DropPass() { c.wantPass(nil) }

// Become has the next connection be that of who has made the pass that was taken.
func (c *Client) Become() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.passing.token != "" {
		c.cfg.Storage.Set(tokenKey, c.passing.token)
	}
}

func (c *Client) wantPass(ask func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passing = passing{round: c.passing.round + 1, ask: ask}
	c.passLocked()
	c.notify()
}

// Passing returns what became of MakePass or TakePass.
func (c *Client) Passing() Passing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.passing.Passing
}

// passLocked asks for what is wanted, if that is possible now. The next connection asks
// again for what was not answered.
func (c *Client) passLocked() {
	if c.passing.ask != nil && c.online {
		c.passing.ask()
	}
}

func (c *Client) makePassLocked() {
	c.callPass(event.Pass, []byte("{}"), func(result json.RawMessage) error {
		made, err := event.ParsePassed(result)
		if err == nil {
			// By this clock: the server's may be another one.
			c.passing.Pass, c.passing.Until = made.Pass, c.cfg.Now().Add(event.PassTime)
		}
		return err
	})
}

func (c *Client) takePassLocked(pass string) {
	c.callPass(event.Redeem, event.RedeemRequest{Pass: pass}.Append(nil), func(result json.RawMessage) error {
		redeemed, err := event.ParseRedeemed(result)
		if err == nil {
			c.passing.token, c.passing.Taken = redeemed.Token, true
		}
		return err
	})
}

// callPass takes the answer with take, unless something else is wanted by then. What was
// not answered, since the connection is lost, is still wanted.
func (c *Client) callPass(name string, arg []byte, take func(json.RawMessage) error) {
	round := c.passing.round
	c.call(name, arg, func(result json.RawMessage, err error) {
		if round != c.passing.round || c.passing.ask == nil {
			return
		}
		if err == nil {
			err = take(result)
		}
		final, retry := refusal(err)
		if err == nil || final != nil {
			c.passing.ask, c.passing.Refusal = nil, final
		}
		if retry > 0 {
			c.again(retry, func() {
				if round == c.passing.round {
					c.passLocked()
				}
			})
		}
	})
}
