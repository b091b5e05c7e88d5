"""The commands of `qiuzhen`, one module a subject."""
