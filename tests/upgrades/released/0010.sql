-- Schema 0010, and what its code wrote.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0010');
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	guild_id BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	"by" BIGINT NOT NULL, 
	what VARCHAR(32) NOT NULL, 
	detail JSON NOT NULL
);
INSERT INTO "audit" VALUES(1,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'limit','{"before": {"role_id": 900000000000000001, "at_once": null, "per_day": null, "longest": null, "models": null}, "after": {"role_id": 900000000000000001, "at_once": 9, "per_day": 50, "longest": null, "models": null}}');
INSERT INTO "audit" VALUES(2,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'block','{"person": 424242, "reason": "spam", "until": "2027-02-05T00:20:00+00:00"}');
INSERT INTO "audit" VALUES(3,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'settings','{"before": {"appeal": null, "time_zone": "UTC"}, "after": {"appeal": "Write to the owner.", "time_zone": "Europe/Berlin"}}');
INSERT INTO "audit" VALUES(4,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'settings','{"before": {"paused": false}, "after": {"paused": true}}');
INSERT INTO "audit" VALUES(5,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'settings','{"before": {"paused": true}, "after": {"paused": false}}');
INSERT INTO "audit" VALUES(6,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'word_added','{"kind": "word", "text": "goblin", "trial": false}');
INSERT INTO "audit" VALUES(7,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'settings','{"before": {"log_lines_since": null}, "after": {"log_lines_since": "2026-01-01T00:20:00+00:00"}}');
INSERT INTO "audit" VALUES(8,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'settings','{"before": {"review_prompts": false}, "after": {"review_prompts": true}}');
INSERT INTO "audit" VALUES(9,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'review','{"job": 8, "person": 900000000000000005, "what": "prompt", "state": "approved", "reason": null, "trust": true}');
INSERT INTO "audit" VALUES(10,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000005,'settings','{"before": {"review_prompts": true}, "after": {"review_prompts": false}}');
INSERT INTO "audit" VALUES(11,900000000000000001,'2026-01-01 00:20:00.000000',900000000000000006,'remove','{"job": 1, "person": 900000000000000005, "reason": "not here"}');
CREATE TABLE blocks (
	guild_id BIGINT NOT NULL, 
	person_id BIGINT NOT NULL, 
	until DATETIME, 
	reason VARCHAR(300) NOT NULL, 
	"by" BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_blocks PRIMARY KEY (guild_id, person_id)
);
INSERT INTO "blocks" VALUES(900000000000000001,424242,'2027-02-05 00:20:00.000000','spam',900000000000000005,'2026-01-01 00:20:00.000000');
CREATE TABLE cases (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	guild_id BIGINT NOT NULL, 
	job_id INTEGER NOT NULL, 
	reporter_id BIGINT NOT NULL, 
	channel_id BIGINT NOT NULL, 
	message_id BIGINT NOT NULL, 
	words VARCHAR(500) NOT NULL, 
	created_at DATETIME NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	decided_by BIGINT, 
	decided_at DATETIME, action VARCHAR(16), 
	CONSTRAINT ck_cases_state CHECK (state IN ('open', 'removed', 'dismissed')), 
	CONSTRAINT fk_cases_guild_id FOREIGN KEY(guild_id) REFERENCES guilds (id), 
	CONSTRAINT fk_cases_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE, 
	CONSTRAINT fk_cases_reporter_id FOREIGN KEY(reporter_id) REFERENCES people (id), 
	CONSTRAINT uq_cases_job_id_reporter_id UNIQUE (job_id, reporter_id)
);
INSERT INTO "cases" VALUES(1,900000000000000001,1,900000000000000006,900000000000000002,1456074569809920000,'too loud','2026-01-01 00:20:00.000000','open',NULL,NULL,NULL);
CREATE TABLE deliveries (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	job_id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	channel_id BIGINT NOT NULL, 
	nonce VARCHAR(25) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	lease_until DATETIME NOT NULL, 
	epoch INTEGER DEFAULT '0' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	sending_at DATETIME, 
	message_id BIGINT, 
	sent_at DATETIME, 
	reason VARCHAR(200), told_at DATETIME, person_id BIGINT, case_id INTEGER REFERENCES cases (id) ON DELETE CASCADE, review_id INTEGER REFERENCES reviews (id) ON DELETE CASCADE, notice_id INTEGER REFERENCES notices (id) ON DELETE CASCADE, 
	CONSTRAINT ck_deliveries_state CHECK (state IN ('pending', 'sending', 'sent', 'undeliverable')), 
	CONSTRAINT fk_deliveries_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE, 
	CONSTRAINT uq_deliveries_nonce UNIQUE (nonce)
);
INSERT INTO "deliveries" VALUES(1,1,'result',900000000000000002,'8d86bfb94aeeb097bc5c','sent','2026-01-01 00:00:30.000000','2026-01-01 00:00:50.000000',1,1,'2026-01-01 00:00:30.000000',1456074569809920000,'2026-01-01 00:00:30.000000',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(2,2,'failure',900000000000000002,'dab80bc079c54fb36429','sent','2026-01-01 00:05:30.000000','2026-01-01 00:05:50.000000',1,1,'2026-01-01 00:05:30.000000',1456075828101120000,'2026-01-01 00:05:30.000000',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(3,5,'result',900000000000000003,'e3077619ef87c39c2240','undeliverable','2026-01-01 00:10:30.000000','2026-01-01 00:10:50.000000',1,1,'2026-01-01 00:10:30.000000',NULL,NULL,'Discord forbids it (50013).','2026-01-01 00:20:00.000000',NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(4,6,'result',900000000000000002,'fb0b7c9c79fd082d291c','sent','2026-01-01 00:15:30.000000','2026-01-01 00:15:50.000000',1,1,'2026-01-01 00:15:30.000000',1456078344683520000,'2026-01-01 00:15:30.000000',NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(5,1,'case',900000000000000004,'051bc4c25e2643a135dc','sent','2026-01-01 00:20:00.000000','2026-01-01 00:20:20.000000',1,1,'2026-01-01 00:20:00.000000',1456079477145600001,'2026-01-01 00:20:00.000000',NULL,NULL,NULL,1,NULL,NULL);
INSERT INTO "deliveries" VALUES(6,7,'review',900000000000000004,'5377fdb45b3b10f1e8ee','sent','2026-01-01 00:20:00.000000','2026-01-01 00:20:20.000000',1,1,'2026-01-01 00:20:00.000000',1456079477145600006,'2026-01-01 00:20:00.000000',NULL,NULL,NULL,NULL,1,NULL);
INSERT INTO "deliveries" VALUES(7,8,'review',900000000000000004,'ed9e2a1a01e208ca55ff','sending','2026-01-01 00:20:00.000000','2026-01-01 00:25:20.000000',1,1,'2026-01-01 00:25:00.000000',NULL,NULL,NULL,NULL,NULL,NULL,2,NULL);
INSERT INTO "deliveries" VALUES(8,8,'result',900000000000000002,'0b7ac834b50996fffabf','pending','2026-01-01 00:20:30.000000','2026-01-01 00:20:30.000000',0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(9,9,'result',900000000000000002,'66d72c0b3d6b23590d9d','pending','2026-01-01 00:20:30.000000','2026-01-01 00:20:30.000000',0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(10,10,'result',900000000000000002,'da7df6481df17a5431a9','pending','2026-01-01 00:20:30.000000','2026-01-01 00:20:30.000000',0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE facts (
	name VARCHAR(64) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_facts PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('commands:1456074443980800000','c703c7ec5253895f9d3b4c6384e8c5ef8c7fbda8fbccafb94956d8b3ae598e8b');
CREATE TABLE guilds (
	id BIGINT NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, language VARCHAR(8), route VARCHAR(16) DEFAULT 'channel' NOT NULL, gallery_id BIGINT, voice BOOLEAN DEFAULT 0 NOT NULL, refused_size BIGINT, refused_at DATETIME, log_channel_id BIGINT, time_zone VARCHAR(64) DEFAULT 'UTC' NOT NULL, cap_at_once INTEGER, cap_per_day INTEGER, appeal VARCHAR(500), paused BOOLEAN DEFAULT 0 NOT NULL, channels JSON, spoilers JSON, left_at DATETIME, review_prompts BOOLEAN DEFAULT 0 NOT NULL, review_results BOOLEAN DEFAULT 0 NOT NULL, review_hours INTEGER DEFAULT '24' NOT NULL, review_approves BOOLEAN DEFAULT 0 NOT NULL, look VARCHAR(16) DEFAULT 'hide' NOT NULL, look_closed BOOLEAN DEFAULT 0 NOT NULL, log_lines_since DATETIME, joined BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_guilds PRIMARY KEY (id)
);
INSERT INTO "guilds" VALUES(900000000000000001,'2026-01-01 00:00:00.000000','2026-01-01 00:25:00.000000','fr','channel',NULL,0,9000000,NULL,900000000000000004,'Europe/Berlin',NULL,NULL,'Write to the owner.',0,NULL,NULL,NULL,0,0,24,0,'hide',0,'2026-01-01 00:20:00.000000',1);
CREATE TABLE job_events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	job_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	from_state VARCHAR(16), 
	to_state VARCHAR(16) NOT NULL, 
	note VARCHAR(200), 
	CONSTRAINT fk_job_events_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "job_events" VALUES(1,1,'2026-01-01 00:00:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(2,1,'2026-01-01 00:00:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(3,1,'2026-01-01 00:00:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(4,1,'2026-01-01 00:00:30.000000','generating','finished',NULL);
INSERT INTO "job_events" VALUES(5,2,'2026-01-01 00:05:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(6,2,'2026-01-01 00:05:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(7,2,'2026-01-01 00:05:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(8,2,'2026-01-01 00:05:30.000000','generating','failed','generation_failed');
INSERT INTO "job_events" VALUES(9,3,'2026-01-01 00:10:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(10,3,'2026-01-01 00:10:00.000000','queued','cancelled',NULL);
INSERT INTO "job_events" VALUES(11,4,'2026-01-01 00:10:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(12,4,'2026-01-01 00:10:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(13,4,'2026-01-01 00:10:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(14,4,'2026-01-01 00:10:00.000000','generating','cancelled',NULL);
INSERT INTO "job_events" VALUES(15,5,'2026-01-01 00:10:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(16,5,'2026-01-01 00:10:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(17,5,'2026-01-01 00:10:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(18,5,'2026-01-01 00:10:30.000000','generating','finished',NULL);
INSERT INTO "job_events" VALUES(19,6,'2026-01-01 00:15:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(20,6,'2026-01-01 00:15:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(21,6,'2026-01-01 00:15:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(22,6,'2026-01-01 00:15:30.000000','generating','finished',NULL);
INSERT INTO "job_events" VALUES(23,7,'2026-01-01 00:20:00.000000',NULL,'held',NULL);
INSERT INTO "job_events" VALUES(24,8,'2026-01-01 00:20:00.000000',NULL,'held',NULL);
INSERT INTO "job_events" VALUES(25,8,'2026-01-01 00:20:00.000000','held','queued',NULL);
INSERT INTO "job_events" VALUES(26,9,'2026-01-01 00:20:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(27,10,'2026-01-01 00:20:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(28,8,'2026-01-01 00:20:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(29,9,'2026-01-01 00:20:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(30,10,'2026-01-01 00:20:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(31,8,'2026-01-01 00:20:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(32,9,'2026-01-01 00:20:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(33,10,'2026-01-01 00:20:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(34,8,'2026-01-01 00:20:30.000000','generating','finished',NULL);
INSERT INTO "job_events" VALUES(35,9,'2026-01-01 00:20:30.000000','generating','finished',NULL);
INSERT INTO "job_events" VALUES(36,10,'2026-01-01 00:20:30.000000','generating','finished',NULL);
INSERT INTO "job_events" VALUES(37,11,'2026-01-01 00:25:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(38,11,'2026-01-01 00:25:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(39,11,'2026-01-01 00:25:00.000000','submitting','generating',NULL);
INSERT INTO "job_events" VALUES(40,12,'2026-01-01 00:25:00.000000',NULL,'queued',NULL);
INSERT INTO "job_events" VALUES(41,12,'2026-01-01 00:25:00.000000','queued','submitting',NULL);
INSERT INTO "job_events" VALUES(42,12,'2026-01-01 00:25:00.000000','submitting','uncertain',NULL);
INSERT INTO "job_events" VALUES(43,13,'2026-01-01 00:25:00.000000',NULL,'queued',NULL);
CREATE TABLE jobs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	interaction_id BIGINT NOT NULL, 
	requester_id BIGINT NOT NULL, 
	guild_id BIGINT, 
	channel_id BIGINT NOT NULL, 
	card_id BIGINT, 
	card_closed BOOLEAN DEFAULT 0 NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	prompt TEXT NOT NULL, 
	options JSON NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	not_before DATETIME, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	submitted_at DATETIME, 
	lease_until DATETIME, 
	epoch INTEGER DEFAULT '0' NOT NULL, 
	generation_id VARCHAR(128), 
	generating_at DATETIME, 
	deadline_at DATETIME, 
	ended_at DATETIME, 
	reason VARCHAR(32), 
	detail VARCHAR(500), 
	cleanup_at DATETIME, 
	cleanup_tries INTEGER DEFAULT '0' NOT NULL, language VARCHAR(8) DEFAULT 'en' NOT NULL, mention BOOLEAN DEFAULT 1 NOT NULL, route VARCHAR(16) DEFAULT 'channel' NOT NULL, gallery_id BIGINT, voice BOOLEAN DEFAULT 0 NOT NULL, starred_at DATETIME, removed_at DATETIME, video_channel_id BIGINT, video_message_id BIGINT, video_file_id VARCHAR(128), spoiler BOOLEAN DEFAULT 0 NOT NULL, erased_at DATETIME, logged_at DATETIME, 
	CONSTRAINT ck_jobs_state CHECK (state IN ('held', 'queued', 'submitting', 'uncertain', 'generating', 'finished', 'failed', 'cancelled', 'rejected')), 
	CONSTRAINT fk_jobs_guild_id FOREIGN KEY(guild_id) REFERENCES guilds (id), 
	CONSTRAINT fk_jobs_requester_id FOREIGN KEY(requester_id) REFERENCES people (id), 
	CONSTRAINT uq_jobs_generation_id UNIQUE (generation_id), 
	CONSTRAINT uq_jobs_interaction_id UNIQUE (interaction_id)
);
INSERT INTO "jobs" VALUES(1,1456074443980800019,900000000000000005,900000000000000001,900000000000000002,1456074443980800020,1,'mmaudio','audio','wind over willow branches','{"seed": 7}','finished','2026-01-01 00:00:00.000000','2026-01-01 00:00:30.000000',NULL,1,'2026-01-01 00:00:00.000000',NULL,1,'c2f7a30d87104ad8945f268e1cf78c6a','2026-01-01 00:00:00.000000','2026-01-01 00:10:00.000000','2026-01-01 00:00:30.000000',NULL,NULL,'2026-01-01 00:20:00.000000',1,'en',1,'channel',NULL,0,'2026-01-01 00:15:00.000000','2026-01-01 00:20:00.000000',NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(2,1456075702272000000,900000000000000005,900000000000000001,900000000000000002,1456075702272000001,1,'mmaudio','audio','an orchestra of a thousand spoons','{"duration": 3, "seed": 874511206}','failed','2026-01-01 00:05:00.000000','2026-01-01 00:05:30.000000',NULL,1,'2026-01-01 00:05:00.000000',NULL,1,'8b3bb804e1794c9faf6e5cadc6b1b968','2026-01-01 00:05:00.000000','2026-01-01 00:15:00.000000','2026-01-01 00:05:30.000000','generation_failed','CUDA out of memory',NULL,1,'en',1,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(3,1456076960563200000,900000000000000005,900000000000000001,900000000000000002,1456076960563200001,1,'mmaudio','audio','a door that is never opened','{"seed": 1055658008}','cancelled','2026-01-01 00:10:00.000000','2026-01-01 00:10:00.000000',NULL,0,NULL,NULL,0,NULL,NULL,NULL,'2026-01-01 00:10:00.000000',NULL,NULL,NULL,0,'en',1,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(4,1456076960563200003,900000000000000006,900000000000000001,900000000000000002,1456076960563200004,1,'mmaudio','audio','Glocken über dem See — 鐘','{"duration": 2, "seed": 265655566}','cancelled','2026-01-01 00:10:00.000000','2026-01-01 00:10:00.000000',NULL,1,'2026-01-01 00:10:00.000000',NULL,1,'77edd2703931432193b514453ead0a5c','2026-01-01 00:10:00.000000','2026-01-01 00:20:00.000000','2026-01-01 00:10:00.000000',NULL,NULL,NULL,1,'en',1,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(5,1456076960563200007,900000000000000005,900000000000000001,900000000000000003,1456076960563200008,1,'mmaudio','audio','footsteps in an empty hall','{"seed": 1664507393}','finished','2026-01-01 00:10:00.000000','2026-01-01 00:10:30.000000',NULL,1,'2026-01-01 00:10:00.000000',NULL,1,'9bbcb13807194b6d91c3ff5ea850422c','2026-01-01 00:10:00.000000','2026-01-01 00:20:00.000000','2026-01-01 00:10:30.000000','undeliverable',NULL,'2026-01-08 00:10:30.000000',0,'en',1,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(6,1456078218854400000,900000000000000006,900000000000000001,900000000000000002,1456078218854400001,1,'mmaudio','audio','rain on a tin roof','{"seed": 160833525}','finished','2026-01-01 00:15:00.000000','2026-01-01 00:15:30.000000',NULL,1,'2026-01-01 00:15:00.000000',NULL,1,'4fe4011c7724421c8941e8185d24a4be','2026-01-01 00:15:00.000000','2026-01-01 00:25:00.000000','2026-01-01 00:15:30.000000',NULL,NULL,NULL,2,'fr',0,'channel',NULL,0,NULL,'2026-01-01 00:20:00.000000',NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(7,1456079477145600004,900000000000000006,900000000000000001,900000000000000002,1456079477145600005,0,'mmaudio','audio','a bell nobody has approved','{"seed": 832378441}','held','2026-01-01 00:20:00.000000','2026-01-01 00:20:00.000000',NULL,0,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'fr',0,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(8,1456079477145600007,900000000000000005,900000000000000001,900000000000000002,1456079477145600008,0,'mmaudio','audio','a gong that was approved','{"seed": 1521927502}','finished','2026-01-01 00:20:00.000000','2026-01-01 00:20:30.000000',NULL,1,'2026-01-01 00:20:00.000000',NULL,1,'d9f21325e9674d12931d8d5ac1a585c5','2026-01-01 00:20:00.000000','2026-01-01 00:30:00.000000','2026-01-01 00:20:30.000000',NULL,NULL,NULL,0,'fr',1,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(9,1456079477145600010,900000000000000005,900000000000000001,900000000000000002,1456079477145600011,0,'mmaudio','audio','thunder far away','{"seed": 1}','finished','2026-01-01 00:20:00.000000','2026-01-01 00:20:30.000000',NULL,1,'2026-01-01 00:20:00.000000',NULL,1,'2c29aadd5aac4f2bb70f63dfcab6152e','2026-01-01 00:20:00.000000','2026-01-01 00:30:00.000000','2026-01-01 00:20:30.000000',NULL,NULL,NULL,0,'fr',1,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(10,1456079477145600013,900000000000000005,900000000000000001,900000000000000002,1456079477145600014,0,'mmaudio','audio','a kettle begins to sing','{"seed": 2}','finished','2026-01-01 00:20:00.000000','2026-01-01 00:20:30.000000',NULL,1,'2026-01-01 00:20:00.000000',NULL,1,'6c21b8250c5e4cbd918d1760f05cf04b','2026-01-01 00:20:00.000000','2026-01-01 00:30:00.000000','2026-01-01 00:20:30.000000',NULL,NULL,NULL,0,'fr',1,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(11,1456080735436800000,900000000000000005,900000000000000001,900000000000000002,1456080735436800001,0,'mmaudio','audio','gravel under slow wheels','{"seed": 3}','generating','2026-01-01 00:25:00.000000','2026-01-01 00:25:00.000000',NULL,1,'2026-01-01 00:25:00.000000',NULL,1,'dd8d50b138dd4621b2fc051a244e6b71','2026-01-01 00:25:00.000000','2026-01-01 00:35:00.000000',NULL,NULL,NULL,NULL,0,'fr',1,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(12,1456080735436800002,900000000000000006,900000000000000001,900000000000000002,1456080735436800003,0,'mmaudio','audio','a match is struck','{"seed": 4}','uncertain','2026-01-01 00:25:00.000000','2026-01-01 00:25:00.000000',NULL,1,'2026-01-01 00:25:00.000000','2026-01-01 00:25:20.000000',1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'fr',0,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "jobs" VALUES(13,1456080735436800004,900000000000000006,900000000000000001,900000000000000002,1456080735436800005,0,'mmaudio','audio','snow','{"seed": 5}','queued','2026-01-01 00:25:00.000000','2026-01-01 00:25:00.000000',NULL,0,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'fr',0,'channel',NULL,0,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
CREATE TABLE leases (
	name VARCHAR(32) NOT NULL, 
	holder VARCHAR(64) NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (name)
);
CREATE TABLE limits (
	guild_id BIGINT NOT NULL, 
	role_id BIGINT NOT NULL, 
	at_once INTEGER, 
	per_day INTEGER, 
	longest INTEGER, 
	models JSON, 
	CONSTRAINT pk_limits PRIMARY KEY (guild_id, role_id), 
	CONSTRAINT fk_limits_guild_id FOREIGN KEY(guild_id) REFERENCES guilds (id)
);
INSERT INTO "limits" VALUES(900000000000000001,900000000000000001,9,50,NULL,NULL);
CREATE TABLE notices (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	person_id BIGINT NOT NULL, 
	job_id INTEGER NOT NULL, 
	what VARCHAR(16) NOT NULL, 
	words VARCHAR(300), 
	at DATETIME NOT NULL, 
	told_at DATETIME, 
	CONSTRAINT fk_notices_person_id FOREIGN KEY(person_id) REFERENCES people (id), 
	CONSTRAINT fk_notices_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE, 
	CONSTRAINT uq_notices_job_id_person_id_what UNIQUE (job_id, person_id, what)
);
INSERT INTO "notices" VALUES(1,900000000000000005,1,'removed','not here','2026-01-01 00:20:00.000000','2026-01-01 00:20:00.000000');
CREATE TABLE people (
	id BIGINT NOT NULL, 
	first_seen_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, language VARCHAR(8), mention BOOLEAN DEFAULT 1 NOT NULL, private BOOLEAN DEFAULT 0 NOT NULL, direct BOOLEAN, defaults JSON, erased_at DATETIME, 
	CONSTRAINT pk_people PRIMARY KEY (id)
);
INSERT INTO "people" VALUES(900000000000000005,'2026-01-01 00:00:00.000000','2026-01-01 00:25:00.000000',NULL,1,0,NULL,NULL,NULL);
INSERT INTO "people" VALUES(900000000000000006,'2026-01-01 00:10:00.000000','2026-01-01 00:25:00.000000','de',0,0,NULL,NULL,NULL);
INSERT INTO "people" VALUES(424242,'2026-01-01 00:20:00.000000','2026-01-01 00:20:00.000000',NULL,1,0,NULL,NULL,NULL);
CREATE TABLE reviews (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	guild_id BIGINT NOT NULL, 
	job_id INTEGER NOT NULL, 
	what VARCHAR(16) NOT NULL, 
	finding VARCHAR(32), 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	decided_by BIGINT, 
	decided_at DATETIME, 
	words VARCHAR(300), 
	CONSTRAINT fk_reviews_guild_id FOREIGN KEY(guild_id) REFERENCES guilds (id), 
	CONSTRAINT fk_reviews_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE, 
	CONSTRAINT uq_reviews_job_id_what UNIQUE (job_id, what)
);
INSERT INTO "reviews" VALUES(1,900000000000000001,7,'prompt',NULL,'2026-01-01 00:20:00.000000','2026-01-02 00:20:00.000000','open',NULL,NULL,NULL);
INSERT INTO "reviews" VALUES(2,900000000000000001,8,'prompt',NULL,'2026-01-01 00:20:00.000000','2026-01-02 00:20:00.000000','approved',900000000000000005,'2026-01-01 00:20:00.000000',NULL);
CREATE TABLE trusted (
	guild_id BIGINT NOT NULL, 
	person_id BIGINT NOT NULL, 
	"by" BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_trusted PRIMARY KEY (guild_id, person_id), 
	CONSTRAINT fk_trusted_guild_id FOREIGN KEY(guild_id) REFERENCES guilds (id), 
	CONSTRAINT fk_trusted_person_id FOREIGN KEY(person_id) REFERENCES people (id)
);
INSERT INTO "trusted" VALUES(900000000000000001,900000000000000005,900000000000000005,'2026-01-01 00:20:00.000000');
CREATE TABLE word_hits (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	guild_id BIGINT NOT NULL, 
	interaction_id BIGINT NOT NULL, 
	person_id BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	text VARCHAR(200) NOT NULL, 
	trial BOOLEAN NOT NULL, 
	prompt TEXT NOT NULL, 
	CONSTRAINT uq_word_hits_interaction_id_kind_text UNIQUE (interaction_id, kind, text)
);
INSERT INTO "word_hits" VALUES(1,900000000000000001,1456079477145600002,900000000000000005,'2026-01-01 00:20:00.000000','word','goblin',0,'a goblin laughs');
CREATE TABLE words (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	guild_id BIGINT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	text VARCHAR(200) NOT NULL, 
	reason VARCHAR(300) NOT NULL, 
	trial BOOLEAN NOT NULL, 
	"by" BIGINT NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT uq_words_guild_id_kind_text UNIQUE (guild_id, kind, text)
);
INSERT INTO "words" VALUES(1,900000000000000001,'word','goblin','',0,900000000000000005,'2026-01-01 00:20:00.000000');
CREATE INDEX ix_jobs_cleanup_at ON jobs (cleanup_at) WHERE cleanup_at IS NOT NULL;
CREATE INDEX ix_jobs_open ON jobs (state, id) WHERE ended_at IS NULL;
CREATE INDEX ix_jobs_open_card ON jobs (id) WHERE card_id IS NOT NULL AND ended_at IS NOT NULL AND NOT card_closed;
CREATE INDEX ix_jobs_requester_id_id ON jobs (requester_id, id);
CREATE INDEX ix_deliveries_due ON deliveries (lease_until) WHERE state IN ('pending', 'sending');
CREATE INDEX ix_deliveries_job_id ON deliveries (job_id);
CREATE UNIQUE INDEX uq_deliveries_job_end ON deliveries (job_id) WHERE kind IN ('result', 'failure');
CREATE INDEX ix_job_events_job_id ON job_events (job_id);
CREATE INDEX ix_job_events_unclear ON job_events (at) WHERE from_state = 'submitting' AND to_state IN ('uncertain', 'cancelled');
CREATE INDEX ix_deliveries_untold ON deliveries (job_id) WHERE state = 'undeliverable' AND told_at IS NULL;
CREATE INDEX ix_jobs_lost_card ON jobs (created_at) WHERE card_id IS NULL AND NOT card_closed;
CREATE UNIQUE INDEX uq_deliveries_case_id ON deliveries (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX ix_deliveries_message_id ON deliveries (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX ix_jobs_submitted_at ON jobs (submitted_at) WHERE submitted_at IS NOT NULL;
CREATE INDEX ix_jobs_guild_id_created_at ON jobs (guild_id, created_at);
CREATE INDEX ix_audit_guild_id_id ON audit (guild_id, id);
CREATE INDEX ix_word_hits_guild_id_id ON word_hits (guild_id, id);
CREATE INDEX ix_word_hits_at ON word_hits (at);
CREATE INDEX ix_people_erased_at ON people (erased_at) WHERE erased_at IS NOT NULL;
CREATE INDEX ix_guilds_left_at ON guilds (left_at) WHERE left_at IS NOT NULL;
CREATE INDEX ix_jobs_erased_at ON jobs (erased_at) WHERE erased_at IS NOT NULL;
CREATE INDEX ix_cases_reporter_id ON cases (reporter_id);
CREATE INDEX ix_cases_guild_id ON cases (guild_id);
CREATE INDEX ix_word_hits_person_id ON word_hits (person_id);
CREATE INDEX ix_reviews_guild_id ON reviews (guild_id);
CREATE INDEX ix_reviews_expires_at ON reviews (expires_at) WHERE state = 'open';
CREATE INDEX ix_trusted_person_id ON trusted (person_id);
CREATE INDEX ix_notices_person_id ON notices (person_id);
CREATE INDEX ix_notices_untold ON notices (person_id) WHERE told_at IS NULL;
CREATE INDEX ix_jobs_unlogged ON jobs (guild_id, ended_at) WHERE ended_at IS NOT NULL AND logged_at IS NULL;
CREATE UNIQUE INDEX uq_deliveries_review_id ON deliveries (review_id) WHERE review_id IS NOT NULL;
CREATE UNIQUE INDEX uq_deliveries_notice_id ON deliveries (notice_id) WHERE notice_id IS NOT NULL;
CREATE UNIQUE INDEX uq_deliveries_job_log ON deliveries (job_id) WHERE kind = 'log';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('jobs',13);
INSERT INTO "sqlite_sequence" VALUES('job_events',43);
INSERT INTO "sqlite_sequence" VALUES('deliveries',10);
INSERT INTO "sqlite_sequence" VALUES('cases',1);
INSERT INTO "sqlite_sequence" VALUES('audit',11);
INSERT INTO "sqlite_sequence" VALUES('words',1);
INSERT INTO "sqlite_sequence" VALUES('word_hits',1);
INSERT INTO "sqlite_sequence" VALUES('reviews',2);
INSERT INTO "sqlite_sequence" VALUES('notices',1);
COMMIT;
