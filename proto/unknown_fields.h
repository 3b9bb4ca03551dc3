// The strictness that protobuf itself lacks: it keeps what it does not know and says nothing.
#ifndef TOM_PROTO_UNKNOWN_FIELDS_H_
#define TOM_PROTO_UNKNOWN_FIELDS_H_

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace tom {

// Whether the message, or one inside it, has a field that this version's .proto lacks. A message
// comes out of protobuf's own parser, which bounds its depth to 100.
bool HasUnknownFields(const google::protobuf::Message& message);

}  // namespace tom

#endif  // TOM_PROTO_UNKNOWN_FIELDS_H_
