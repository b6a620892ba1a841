package chat

import (
	"context"
	"encoding/base64"

	"maru/app/wire/event"
)

// Use has a pass be used up by a device, and tells whether it may have it: nobody else
// has used it before. The same device may come again, for the answer may have been lost
// on its way, and whoever made the pass may try it. Of two devices that come in the same
// moment both may have it. Errors: those of the store.
func (r *Rooms) Use(ctx context.Context, p Pass, by Device) (bool, error) {
	if by == p.Device {
		return true, nil
	}
	key := "pass." + base64.RawURLEncoding.EncodeToString(p.hash[:])
	user, err := r.store.Noted(ctx, key)
	if err != nil {
		return false, wrap("use a pass", "", err)
	}
	if user == nil {
		user = []byte(stayKey(by))
		if err := r.store.Note(ctx, key, user, event.PassTime); err != nil {
			return false, wrap("use a pass", "", err)
		}
	}
	return string(user) == stayKey(by), nil
}
