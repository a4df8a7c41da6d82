package lately

import "testing"

// TestAsked: values are kept up to a number of bytes, those asked for last.
func TestAsked(t *testing.T) {
	a := New[int, string](3 * (overhead + 10))
	for i := range 3 {
		a.Put(i, "value", 10)
	}
	a.Get(0)
	a.Put(3, "value", 10)
	a.Put(4, "larger than all together", 2000)
	for i, want := range []bool{true, false, true, true, false} {
		if _, ok := a.Get(i); ok != want {
			t.Errorf("%d is kept: %v, want %v", i, ok, want)
		}
	}
	if a.bytes > a.most || len(a.places) != a.order.Len() {
		t.Errorf("%d bytes in %d places of %d", a.bytes, len(a.places), a.order.Len())
	}
}

// TestPutAnew: the newer value of a key takes the place of the former one, also
// where it is too large to be kept.
func TestPutAnew(t *testing.T) {
	a := New[string, int](3 * overhead)
	a.Put("one", 1, 5)
	a.Put("one", 2, 7)
	if v, ok := a.Get("one"); !ok || v != 2 || a.bytes != overhead+7 {
		t.Errorf("%d, %v, %d bytes", v, ok, a.bytes)
	}
	a.Put("one", 3, 5000)
	if v, ok := a.Get("one"); ok || a.bytes != 0 {
		t.Errorf("%d is kept, %d bytes", v, a.bytes)
	}
}
