-- summary: each call as a row, with the fields of its request (or response) as columns
-- parameter: columns
--   type: list
--   description: the fields to show, by JSON path (Bucket, Tagging.TagSet[0].Key, ["a.b"].c); repeated, or with commas
-- parameter: as
--   type: list
--   description: NAME=PATH: a field under a name of your own; repeated for more
-- parameter: from
--   type: choice
--   choices: request, response
--   default: request
--   description: where the fields are looked for
-- parameter: max-columns
--   type: integer
--   default: 20
--   min: 1
--   max: 500
--   description: how many fields are shown where neither --columns nor --as names them
-- column: timestamp timestamp: when the call was made
-- column: operation text: operation
-- example: awsusage query denormalize ./logs --service s3 --columns Bucket,Key
-- example: awsusage query denormalize ./logs --service s3 --operation PutObjectTagging --as tag=Tagging.TagSet[0].Key
-- example: awsusage query denormalize ./logs --service sts --from response
-- note: One column follows for each field. Without --columns and --as these are the fields that have a value in the
--   chosen calls, in most calls first, ties by path; an array is one column of JSON text, and so is a field that is
--   an object in some calls and a value in others.
-- note: A field of whole numbers is an integer, one of numbers a double, one of true and false a boolean; anything
--   else is text, and so are numbers that these types would round.
-- note: A field called like another column gets the prefix "request." or "response.". Rows are ordered by all
--   columns, from the left.
-- plan: denormalize

SELECT
  "timestamp",
  operation,
  calls,
  CASE WHEN $from = 'response' THEN response ELSE request END AS document
FROM api_calls
