package socketio

import (
	"maru/app/wire/sio"
	"maru/backend/engineio"
)

// awaitAttachments is called after each message of a packet that is not whole
// yet. The time begins with the packet: attachments that come one by one don't
// put off its end. A reason ends the session.
func (c *client) awaitAttachments() engineio.Reason {
	p, _ := c.decoder.Pending()
	if !c.server.takes(p) {
		return engineio.BadRequest
	}
	if len(p.Attachments) == 0 {
		c.attachments.Reset(c.server.opts.AttachmentTimeout)
	}
	return ""
}

// takes tells whether the namespace of p, if there is one, is for packets of
// its kind.
func (s *Server) takes(p sio.Packet) bool {
	if p.Type != sio.BinaryEvent && p.Type != sio.BinaryAck {
		return true
	}
	n, ok := s.namespaces[p.Namespace]
	return ok && !n.textOnly
}
