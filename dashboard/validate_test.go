package dashboard

import (
	"maps"
	"testing"

	"stalkstats/dashboard/pagetest"
)

// TestPagesValidate: every page, in each of its states, is HTML as the standard has it.
func TestPagesValidate(t *testing.T) {
	pages := renderAll(t, testOverview(bedfordshire))
	public := publicSite(t, t.Output())
	maps.Copy(pages, renderedBy(t, public, testOverview(bedfordshire), "public-"))
	pagetest.Validate(t, "..", pages)
}
