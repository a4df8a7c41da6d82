INSERT INTO releases
SELECT {release:String}, {source:String}, 'made up', 'made up', concat('outcomes-', toString({edition:UInt32}), '.ods'), '/in', {at:DateTime64(6, 'UTC')}, {at:DateTime64(6, 'UTC')}
