package server

import (
	"context"
	"encoding/json"
	"time"

	"maru/app/wire/event"
	"maru/backend/socketio"
)

// pass makes what another device of the person's is given to be the same person.
func (b *binding) pass(_ context.Context, _ *socketio.Socket, p *person, _ json.RawMessage) (outcome, error) {
	pass, until := b.signer.Pass(p.device, time.Now())
	return outcome{result: event.Passed{Pass: pass, Until: until.UnixMilli()}}, nil
}

// redeem gives the token that a pass stands for. This connection stays who it is.
func (b *binding) redeem(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseRedeem(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	pass, ok := b.signer.Redeem(q.Pass, time.Now())
	if !ok {
		return outcome{}, event.Refuse(event.PassInvalid)
	}
	ok, err := b.rooms.Use(ctx, pass, p.device)
	switch {
	case err != nil:
		return outcome{}, err
	case !ok:
		return outcome{}, event.Refuse(event.PassInvalid)
	}
	return outcome{result: event.Redeemed{Token: pass.Token}}, nil
}
