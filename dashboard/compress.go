package dashboard

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// smallest is under how many bytes an answer is not worth compressing.
const smallest = 1024

// compressed compresses answers for those who take that. The tags of reports are
// weak: they stand for what is said, however it is packed. A report that breaks off is
// still a transfer that breaks off.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(smallest))
	if err != nil {
		panic(err) // the options are constants
	}
	return wrap(next)
}
