package engineio_test

import (
	"testing"

	"maru/app/engineio"
)

func TestComeBack(t *testing.T) {
	for reason, want := range map[string]bool{
		engineio.ReasonTimeout:     true,
		engineio.ReasonPingTimeout: true,
		engineio.ReasonTransport:   true,
		engineio.ReasonServer:      true,
		engineio.ReasonBroken:      true,
		engineio.ReasonUnknown:     true,
		engineio.ReasonShutdown:    true,
		engineio.ReasonSlow:        true,
		engineio.ReasonFault:       true,
		engineio.ReasonBadRequest:  false,
		engineio.ReasonTooBig:      false,
		engineio.ReasonForbidden:   false,
		"a reason given to Close":  true,
	} {
		if got := engineio.ComeBack(reason); got != want {
			t.Errorf("ComeBack(%q) = %t", reason, got)
		}
	}
}
