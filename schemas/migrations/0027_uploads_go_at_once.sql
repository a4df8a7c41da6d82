ALTER TABLE uploads MODIFY SETTING old_parts_lifetime = 1
