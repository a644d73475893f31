import { firstJsonValueSql } from '../formats/json-value-sql.js';
import { sqlLiteral } from '../formats/sql-literal.js';

/** A part of a resource: the fields of a request that may hold it, the first that does counts. */
type Part = readonly string[];

/**
 * Which fields of a request name the thing that a call is about, by service; the parts are joined by `/`. The names are those of
 * the AWS API models (`service-2.json` of botocore, members of the input shapes). CloudTrail writes the first letter small, and
 * S3's as `bucketName` and `key`; both spellings are looked for.
 */
export const RESOURCE_FIELDS: Readonly<Record<string, readonly Part[]>> = {
  apigateway: [['restApiId', 'ApiId']],
  athena: [['WorkGroup', 'QueryExecutionId']],
  autoscaling: [['AutoScalingGroupName', 'LaunchConfigurationName']],
  cloudformation: [['StackName', 'ChangeSetName']],
  cloudtrail: [['Name', 'TrailName']],
  codebuild: [['projectName', 'name']],
  'cognito-idp': [['UserPoolId']],
  dynamodb: [['TableName', 'ResourceArn']],
  ec2: [
    [
      ...['InstanceId', 'VolumeId', 'NetworkInterfaceId', 'SubnetId', 'GroupId', 'RouteTableId', 'InternetGatewayId'],
      ...['VpcId', 'KeyName', 'GroupName', 'SnapshotId', 'ImageId'],
    ],
  ],
  ecr: [['repositoryName']],
  ecs: [['cluster'], ['service', 'taskDefinition', 'task']],
  eks: [['clusterName', 'name']],
  elasticache: [['CacheClusterId', 'ReplicationGroupId']],
  elasticfilesystem: [['FileSystemId']],
  elasticloadbalancing: [['LoadBalancerName', 'LoadBalancerArn', 'TargetGroupArn', 'ListenerArn']],
  es: [['DomainName']],
  events: [['Rule', 'Name', 'EventBusName']],
  firehose: [['DeliveryStreamName']],
  glue: [['DatabaseName'], ['TableName', 'Name', 'JobName', 'CrawlerName']],
  iam: [['RoleName', 'UserName', 'GroupName', 'InstanceProfileName', 'PolicyArn', 'PolicyName']],
  kinesis: [['StreamName', 'StreamARN']],
  kms: [['KeyId', 'AliasName']],
  lambda: [['FunctionName', 'LayerName', 'UUID']],
  logs: [['logGroupName'], ['logStreamName']],
  monitoring: [['AlarmName', 'DashboardName', 'Namespace']],
  rds: [['DBInstanceIdentifier', 'DBClusterIdentifier', 'DBSnapshotIdentifier', 'DBSubnetGroupName', 'ResourceName']],
  redshift: [['ClusterIdentifier']],
  route53: [['HostedZoneId', 'Id', 'Name']],
  s3: [['Bucket', 'bucketName'], ['Key']],
  secretsmanager: [['SecretId', 'Name']],
  ses: [['Source', 'Identity']],
  sns: [['TopicArn', 'TargetArn', 'SubscriptionArn', 'Name']],
  sqs: [['QueueUrl', 'QueueName']],
  ssm: [['Name', 'InstanceId', 'DocumentName', 'ResourceId']],
  states: [['stateMachineArn', 'executionArn', 'name']],
  sts: [['RoleArn']],
};

/** SQL over `service` and `request` for what a call is about; NULL where that is not known. */
export function resourceSql(): string {
  const cases = Object.entries(RESOURCE_FIELDS).map(
    ([service, parts]) =>
      `WHEN ${sqlLiteral(service)} THEN nullif(concat_ws('/', ${parts.map(partSql).join(', ')}), '')`,
  );
  return `CASE service ${cases.join(' ')} END`;
}

function partSql(fields: Part): string {
  return firstJsonValueSql('request', fields.flatMap(bothSpellings));
}

/** The field as the API has it, and as CloudTrail writes it. */
function bothSpellings(field: string): string[] {
  const small = field.slice(0, 1).toLowerCase() + field.slice(1);
  return [...new Set([field, small])].map((name) => `$.${name}`);
}
