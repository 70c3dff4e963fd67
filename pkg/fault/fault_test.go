package fault_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"olivebranch/pkg/fault"
)

var errTaken = fault.New(fault.Conflict, "slug.taken", "Slug", "acme")

func TestAFaultIsFoundThroughWhatWrapsIt(t *testing.T) {
	t.Parallel()
	disk := errors.New("disk full")
	err := fmt.Errorf("approve OB-1: %w", errTaken.Because(disk))
	if !errors.Is(err, errTaken) {
		t.Error("the exported fault is not recognised in a copy with a cause")
	}
	if !errors.Is(err, disk) {
		t.Error("the cause is lost to the operator")
	}
	if kind := fault.KindOf(err); kind != fault.Conflict {
		t.Errorf("kind %d, want Conflict", kind)
	}
	if !strings.Contains(err.Error(), "slug.taken") || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("the log reads %q", err)
	}
	if errTaken.Cause != nil {
		t.Error("giving a copy a cause changed the exported fault")
	}
}

func TestFaultsOfAnotherKindOrKeyAreOthers(t *testing.T) {
	t.Parallel()
	for _, other := range []error{
		fault.New(fault.Invalid, "slug.taken"), fault.New(fault.Conflict, "slug.bad"), errors.New("slug.taken"),
	} {
		if errors.Is(errTaken, other) {
			t.Errorf("%#v counts as the same", other)
		}
	}
}

func TestWhatIsNoFaultIsInternal(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, errors.New("no fault")} {
		if kind := fault.KindOf(err); kind != fault.Internal {
			t.Errorf("%v has kind %d, want Internal", err, kind)
		}
	}
}

func TestPairsBecomeArguments(t *testing.T) {
	t.Parallel()
	e := fault.New(fault.Invalid, "text.long", "Max", 100, "Name", "x", "without a value")
	if len(e.Args) != 2 || e.Args["Max"] != 100 || e.Args["Name"] != "x" {
		t.Errorf("arguments %v", e.Args)
	}
	if fault.New(fault.Invalid, "x").Args != nil {
		t.Error("arguments out of nothing")
	}
}

func TestAFormWithNothingRefusedIsNoError(t *testing.T) {
	t.Parallel()
	f := fault.Fields{}
	f.Add("name", nil)
	if err := f.Err(); err != nil {
		t.Errorf("%v, want nil", err)
	}
}

func TestARefusedFormCarriesTheFirstFaultOfEachField(t *testing.T) {
	t.Parallel()
	f := fault.Fields{}
	first := fault.New(fault.Invalid, "email.bad")
	f.Add("name", fmt.Errorf("wrapped: %w", fault.New(fault.Invalid, "text.long")))
	f.Add("email", first)
	f.Add("email", fault.New(fault.Invalid, "email.long"))
	err := f.Err()
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind != fault.Invalid || e.Key != "form.refused" {
		t.Fatalf("%v", err)
	}
	if !slices.Equal(e.Fields.Names(), []string{"email", "name"}) {
		t.Errorf("fields %v, want email, name", e.Fields.Names())
	}
	if e.Fields["email"] != first || e.Fields["name"].Key != "text.long" {
		t.Errorf("faults %v and %v", e.Fields["email"], e.Fields["name"])
	}
	if !strings.Contains(err.Error(), "[email name]") {
		t.Errorf("the log does not name the fields: %q", err)
	}
}

func TestACheckThatItselfFailedIsNoFaultOfTheVisitor(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection lost")
	f := fault.Fields{}
	f.Add("email", fault.New(fault.Invalid, "email.bad"))
	f.Add("slug", lost)
	if err := f.Err(); fault.KindOf(err) != fault.Internal || !errors.Is(err, lost) {
		t.Errorf("%v, want the failure itself", err)
	}
}
