INSERT INTO published (source, slice, release_id, published_at, run_id)
SELECT {source:String}, {slice:String}, {release:String}, {at:DateTime64(6, 'UTC')}, {release:String}
